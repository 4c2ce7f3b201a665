/* experiment_report.c: errors and reports, and their way over a pipe: fixed structs as they lie in
 * memory (both ends are the same program), then the texts and results by length. The reader trusts
 * no length. */
#include "experiment.h"

#include <stdlib.h>
#include <string.h>

const char *exp_fault_name(enum exp_fault kind) {
  switch (kind) {
  case EXP_NONE: break;
#define X(name, text)                                                                              \
  case EXP_##name: return text;
    EXP_FAULT_MAP(X)
#undef X
  }
  return "none";
}

void exp_spec_free(struct exp_spec *spec) {
  free(spec->file);
  free(spec->policy);
  wire_free(&spec->params);
  *spec = (struct exp_spec){0};
}

void exp_error_clear(struct exp_error *error) {
  free(error->message);
  free(error->traceback);
  *error = (struct exp_error){0};
}

void exp_error_set(struct exp_error *error, enum exp_fault kind, uint64_t task, int worker,
                   const char *message, const char *traceback) {
  if (error->kind != EXP_NONE) return;
  *error = (struct exp_error){.kind = kind,
                              .task = task,
                              .worker = worker,
                              .message = message != NULL ? strdup(message) : NULL,
                              .traceback = traceback != NULL ? strdup(traceback) : NULL};
}

bool exp_report_init(struct exp_report *report, int workers, uint64_t tasks) {
  *report = (struct exp_report){.workers = workers, .tasks = tasks};
  report->per_worker = calloc((size_t)workers, sizeof *report->per_worker);
  report->results = calloc((size_t)tasks, sizeof *report->results);
  if (report->per_worker != NULL && report->results != NULL) return true;
  exp_report_fini(report);
  return false;
}

void exp_report_fini(struct exp_report *report) {
  for (uint64_t i = 0; report->results != NULL && i < report->tasks; i++)
    wire_free(&report->results[i]);
  free(report->results);
  free(report->per_worker);
  exp_error_clear(&report->error);
  *report = (struct exp_report){0};
}

/* ---- writing ---- */

static bool put_text(struct wire_buf *out, const char *text) {
  uint64_t len = text != NULL ? strlen(text) + 1 : 0; /* 0: NULL */
  return wire_append(out, &len, sizeof len) && wire_append(out, text, (size_t)len);
}

int exp_error_pack(const struct exp_error *error, struct wire_buf *out) {
  bool ok = wire_append(out, error, sizeof *error) && put_text(out, error->message) &&
            put_text(out, error->traceback);
  return ok ? GILT_OK : GILT_ENOMEM;
}

int exp_report_pack(const struct exp_report *report, struct wire_buf *out) {
  bool ok =
      wire_append(out, report, sizeof *report) &&
      wire_append(out, report->per_worker, (size_t)report->workers * sizeof *report->per_worker) &&
      exp_error_pack(&report->error, out) == GILT_OK;
  for (uint64_t i = 0; i < report->tasks && ok; i++) {
    uint64_t len = report->results[i].len;
    ok = wire_append(out, &len, sizeof len) &&
         wire_append(out, report->results[i].bytes, (size_t)len);
  }
  return ok ? GILT_OK : GILT_ENOMEM;
}

/* ---- reading ---- */

struct reader {
  const unsigned char *at;
  size_t left;
};

static bool take(struct reader *r, void *out, size_t len) {
  if (r->left < len) return false;
  memcpy(out, r->at, len);
  r->at += len;
  r->left -= len;
  return true;
}

/* GILT_OK with *out a copy or NULL. */
static int take_text(struct reader *r, char **out) {
  uint64_t len;
  *out = NULL;
  if (!take(r, &len, sizeof len) || len > r->left) return GILT_EPROTO;
  if (len == 0) return GILT_OK;
  if (r->at[len - 1] != '\0') return GILT_EPROTO;
  char *text = malloc((size_t)len);
  if (text == NULL) return GILT_ENOMEM;
  (void)take(r, text, (size_t)len);
  *out = text;
  return GILT_OK;
}

static int take_error(struct reader *r, struct exp_error *out) {
  struct exp_error error;
  if (!take(r, &error, sizeof error)) return GILT_EPROTO;
  error.message = error.traceback = NULL;
  if ((int)error.kind < EXP_NONE || error.kind > EXP_RUNNER) return GILT_EPROTO;
  int rc = take_text(r, &error.message);
  if (rc == GILT_OK) rc = take_text(r, &error.traceback);
  if (rc != GILT_OK) {
    exp_error_clear(&error);
    return rc;
  }
  *out = error;
  return GILT_OK;
}

int exp_error_unpack(const void *bytes, size_t len, struct exp_error *out) {
  struct reader r = {.at = bytes, .left = len};
  return take_error(&r, out);
}

static int take_result(struct reader *r, struct wire_buf *out) {
  uint64_t len;
  if (!take(r, &len, sizeof len) || len > r->left) return GILT_EPROTO;
  if (!wire_append(out, r->at, (size_t)len)) return GILT_ENOMEM;
  r->at += len;
  r->left -= (size_t)len;
  return GILT_OK;
}

int exp_report_unpack(const void *bytes, size_t len, struct exp_report *out) {
  struct reader r = {.at = bytes, .left = len};
  struct exp_report head, report;
  if (!take(&r, &head, sizeof head)) return GILT_EPROTO;
  if (head.workers < 1 || head.workers > EXP_WORKERS_MAX || head.tasks > r.left / sizeof(uint64_t))
    return GILT_EPROTO;
  if (!exp_report_init(&report, head.workers, head.tasks)) return GILT_ENOMEM;
  struct exp_worker *per_worker = report.per_worker;
  struct wire_buf *results = report.results;
  report = head;
  report.per_worker = per_worker;
  report.results = results;
  report.error = (struct exp_error){0};
  report.mode[sizeof report.mode - 1] = '\0';
  int rc = take(&r, per_worker, (size_t)head.workers * sizeof *per_worker) ? GILT_OK : GILT_EPROTO;
  if (rc == GILT_OK) rc = take_error(&r, &report.error);
  for (uint64_t i = 0; i < head.tasks && rc == GILT_OK; i++) rc = take_result(&r, &results[i]);
  if (rc != GILT_OK) {
    exp_report_fini(&report);
    return rc;
  }
  *out = report;
  return GILT_OK;
}
