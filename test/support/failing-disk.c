/*
 * Preloaded into a process, makes the disk fail: while the file named by FAILING_DISK exists, writes and syncs of regular files
 * return EIO; while the file named by FULL_DISK exists, what could need space returns ENOSPC, or once the process has written as many
 * bytes as that file says; while the file named by SHORT_WRITES exists, a write of a regular file takes half of what it is given.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* What this process has written while the disk was about to be full. */
static long long written = 0;

static int is_regular(int fd) {
  struct stat file;
  return fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

/* Returns whether a switch is on. */
static int is_on(const char *variable) {
  const char *path = getenv(variable);
  return path != NULL && access(path, F_OK) == 0;
}

/* Returns the bytes that fit on the disk. */
static long long space(void) {
  char text[32] = {0};
  if (!is_on("FULL_DISK")) return 1LL << 62;
  int fd = open(getenv("FULL_DISK"), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 1LL << 62;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  return (length > 0 ? atoll(text) : 0) - __atomic_load_n(&written, __ATOMIC_SEQ_CST);
}

static int is_broken(int fd) {
  if (!is_on("FAILING_DISK") || !is_regular(fd)) return 0;
  errno = EIO;
  return 1;
}

static int is_full(int fd) {
  if (!is_regular(fd) || space() > 0) return 0;
  errno = ENOSPC;
  return 1;
}

/* Returns how many of some bytes a write takes. */
static size_t taken(int fd, size_t size) {
  if (size == 0 || !is_regular(fd)) return size;
  if (is_on("SHORT_WRITES")) size = (size + 1) / 2;
  if (!is_on("FULL_DISK")) return size;
  long long left = space();
  if (left < (long long)size) size = left > 0 ? (size_t)left : 0;
  __atomic_fetch_add(&written, (long long)size, __ATOMIC_SEQ_CST);
  return size;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return is_broken(fd) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return is_broken(fd) ? -1 : REAL(fdatasync)(fd); }

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  return is_broken(fd) || is_full(fd) ? -1 : REAL(pwrite64)(fd, bytes, size, offset);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  return is_full(fd) ? -1 : REAL(write)(fd, bytes, taken(fd, size));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  return is_full(fd) ? -1 : REAL(writev)(fd, parts, count);
}

int ftruncate64(int fd, off64_t length) { return length > 0 && is_full(fd) ? -1 : REAL(ftruncate64)(fd, length); }

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return is_full(fd) ? ENOSPC : REAL(posix_fallocate64)(fd, offset, length);
}
