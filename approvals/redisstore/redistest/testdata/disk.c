// What the disk of a machine holds of a server's files, for tests that cut the
// power. Loaded into the server (LD_PRELOAD), it notes each fsync and fdatasync
// that came back, as a line "<inode> <size>" in the file $DISK_LOG. The size is
// the one before the sync began: what was written meanwhile may have missed it.
// While there is a file $DISK_LOG.slow, a sync takes as many milliseconds
// longer as its text says.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void slow(const char *log) {
  char path[4096];
  long ms = 0;
  snprintf(path, sizeof path, "%s.slow", log);
  FILE *f = fopen(path, "r");
  if (!f) return;
  if (fscanf(f, "%ld", &ms) == 1) usleep(ms * 1000);
  fclose(f);
}

static int sync_noted(long call, int fd) {
  const char *log = getenv("DISK_LOG");
  struct stat before;
  if (!log || fstat(fd, &before)) return syscall(call, fd);
  slow(log);
  int failed = syscall(call, fd);
  int note = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (!failed && note >= 0)
    dprintf(note, "%lu %lld\n", (unsigned long)before.st_ino, (long long)before.st_size);
  if (note >= 0) close(note);
  return failed;
}

int fsync(int fd) { return sync_noted(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_noted(SYS_fdatasync, fd); }
