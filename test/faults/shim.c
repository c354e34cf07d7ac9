// Loaded into a process by LD_PRELOAD: counts what it does to files below FAULT_DIR and lets the FAULT_AT-th of it fail with FAULT_ERROR,
// or kills or ends the process there (FAULT_ERROR=KILL, TERM). Each operation is a line in FAULT_LOG.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int count;

static int below(const char *path) {
  const char *folder = getenv("FAULT_DIR");
  return folder != NULL && path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_open_below(int fd) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, name, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path);
}

static int error_named(const char *name) {
  if (strcmp(name, "EIO") == 0) return EIO;
  if (strcmp(name, "ENOSPC") == 0) return ENOSPC;
  return EROFS;
}

// Whether this operation is to fail; errno is set.
static int fails(const char *what, const char *path) {
  int number = atomic_fetch_add(&count, 1) + 1;
  const char *log = getenv("FAULT_LOG"), *at = getenv("FAULT_AT"), *name = getenv("FAULT_ERROR");
  if (log != NULL) {
    char line[512];
    int length = snprintf(line, sizeof line, "%d %s %s\n", number, what, path == NULL ? "" : path);
    if (length >= (int)sizeof line) length = (int)sizeof line - 1;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (fd >= 0) {
      syscall(SYS_write, fd, line, length);
      syscall(SYS_close, fd);
    }
  }
  if (at == NULL || name == NULL || atoi(at) != number) return 0;
  if (strcmp(name, "KILL") == 0) syscall(SYS_kill, getpid(), SIGKILL);
  if (strcmp(name, "TERM") == 0) {
    syscall(SYS_kill, getpid(), SIGTERM);
    return 0; // who handles the signal goes on: the operation itself is whole
  }
  errno = error_named(name);
  return 1;
}

#define ON_FD(fd, what) if (is_open_below(fd) && fails(what, NULL)) return -1
#define ON_PATH(path, what) if (below(path) && fails(what, path)) return -1

#define OPEN(name)                                                    \
  int name(const char *path, int flags, ...) {                        \
    va_list list;                                                     \
    va_start(list, flags);                                            \
    int mode = va_arg(list, int);                                     \
    va_end(list);                                                     \
    ON_PATH(path, "open");                                            \
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);     \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                  \
  int name(int folder, const char *path, int flags, ...) {            \
    va_list list;                                                     \
    va_start(list, flags);                                            \
    int mode = va_arg(list, int);                                     \
    va_end(list);                                                     \
    ON_PATH(path, "open");                                            \
    return (int)syscall(SYS_openat, folder, path, flags, mode);       \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *bytes, size_t length) {
  ON_FD(fd, "write");
  return syscall(SYS_write, fd, bytes, length);
}
ssize_t writev(int fd, const struct iovec *parts, int number) {
  ON_FD(fd, "write");
  return syscall(SYS_writev, fd, parts, number);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  ON_FD(fd, "write");
  return syscall(SYS_pwrite64, fd, bytes, length, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  ON_FD(fd, "write");
  return syscall(SYS_pwrite64, fd, bytes, length, at);
}
int fsync(int fd) {
  ON_FD(fd, "sync");
  return (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
  ON_FD(fd, "sync");
  return (int)syscall(SYS_fdatasync, fd);
}
int ftruncate(int fd, off_t length) {
  ON_FD(fd, "truncate");
  return (int)syscall(SYS_ftruncate, fd, length);
}
int ftruncate64(int fd, off64_t length) {
  ON_FD(fd, "truncate");
  return (int)syscall(SYS_ftruncate, fd, length);
}
int rename(const char *from, const char *to) {
  ON_PATH(to, "rename");
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int unlink(const char *path) {
  ON_PATH(path, "unlink");
  return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
int mkdir(const char *path, mode_t mode) {
  ON_PATH(path, "mkdir");
  return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
