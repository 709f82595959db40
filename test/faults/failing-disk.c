/*
 * Preloaded into a process, makes the disk fail: while the file named by FAILING_DISK exists, writes and syncs of regular files
 * return EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int fails(int fd) {
  const char *path = getenv("FAILING_DISK");
  struct stat file;
  if (path == NULL || access(path, F_OK) != 0) return 0;
  return fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fsync");
  if (!fails(fd)) return real(fd);
  errno = EIO;
  return -1;
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fdatasync");
  if (!fails(fd)) return real(fd);
  errno = EIO;
  return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwrite64");
  if (!fails(fd)) return real(fd, bytes, size, offset);
  errno = EIO;
  return -1;
}
