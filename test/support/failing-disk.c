/*
 * Preloaded into a process, makes the disk fail: while the file named by FAILING_DISK exists, writes and syncs of regular files
 * return EIO; while the file named by FULL_DISK exists, what could need space returns ENOSPC.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Returns whether the switch is on and the descriptor is a regular file; then sets errno. */
static int fails(const char *variable, int fd, int error) {
  const char *path = getenv(variable);
  struct stat file;
  if (path == NULL || access(path, F_OK) != 0) return 0;
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return 0;
  errno = error;
  return 1;
}

static int is_broken(int fd) { return fails("FAILING_DISK", fd, EIO); }
static int is_full(int fd) { return fails("FULL_DISK", fd, ENOSPC); }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return is_broken(fd) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return is_broken(fd) ? -1 : REAL(fdatasync)(fd); }

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  return is_broken(fd) || is_full(fd) ? -1 : REAL(pwrite64)(fd, bytes, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size) { return is_full(fd) ? -1 : REAL(write)(fd, bytes, size); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  return is_full(fd) ? -1 : REAL(writev)(fd, parts, count);
}

int ftruncate64(int fd, off64_t length) { return length > 0 && is_full(fd) ? -1 : REAL(ftruncate64)(fd, length); }

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return is_full(fd) ? ENOSPC : REAL(posix_fallocate64)(fd, offset, length);
}
