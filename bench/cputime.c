/* cputime.c: runs a command and prints "rss KIB" (the most memory the child had resident) and "cpu
 * SECONDS" (its user + system time, in microseconds) on stderr after it has ended. The exit status is the command's. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("usage: cputime COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  pid_t child = fork();
  if (child < 0) {
    perror("cputime: fork");
    return 2;
  }
  if (child == 0) {
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    _exit(127);
  }
  int status = 0;
  struct rusage use;
  if (wait4(child, &status, 0, &use) < 0) {
    perror("cputime: wait4");
    return 2;
  }
  double seconds = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                   (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
  fprintf(stderr, "rss %ld\ncpu %.6f\n", use.ru_maxrss, seconds);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
