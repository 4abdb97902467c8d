/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An HDF5 file driver: one file, read and written at offsets.
 */
#include "store/disk.h"

#include <H5FDdevelop.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Numbers from 512 on are for drivers of programs; it appears in no file. */
#define DRIVER_NUMBER 651

typedef struct
{
  H5FD_t parent; /* HDF5's part; must be first */
  int fd;
  int failure; /* errno of the first write that failed */
  haddr_t eoa; /* end of what HDF5 has given out */
  haddr_t eof; /* end of what has been written */
} Disk;

/* Under the store's lock, as all of HDF5 is: of the file that was opened or closed last. */
static int open_failure, close_failure;

static H5FD_t *
disk_open (const char *name, unsigned flags, hid_t properties, haddr_t max_address)
{
  const int fd = open (name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  Disk *disk;

  open_failure = fd < 0 ? errno : 0;
  if (fd < 0)
    return NULL;
  disk = g_new0 (Disk, 1);
  disk->fd = fd;
  return &disk->parent;
}

static herr_t
disk_close (H5FD_t *file)
{
  Disk *disk = (Disk *) file;

  if (close (disk->fd) != 0 && disk->failure == 0)
    disk->failure = errno;
  close_failure = disk->failure;
  g_free (disk);
  return 0;
}

static int
disk_compare (const H5FD_t *a, const H5FD_t *b)
{
  return (a > b) - (a < b); /* a file is opened once */
}

static herr_t
disk_query (const H5FD_t *file, unsigned long *flags)
{
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE
           | H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

static haddr_t
disk_get_eoa (const H5FD_t *file, H5FD_mem_t type)
{
  return ((const Disk *) file)->eoa;
}

static herr_t
disk_set_eoa (H5FD_t *file, H5FD_mem_t type, haddr_t address)
{
  ((Disk *) file)->eoa = address;
  return 0;
}

static haddr_t
disk_get_eof (const H5FD_t *file, H5FD_mem_t type)
{
  return ((const Disk *) file)->eof;
}

static herr_t
disk_get_handle (H5FD_t *file, hid_t properties, void **handle)
{
  *handle = file;
  return 0;
}

/* What lies past the end reads as zeros. */
static herr_t
disk_read (H5FD_t *file, H5FD_mem_t type, hid_t properties, haddr_t address, size_t size,
           void *buffer)
{
  const Disk *disk = (const Disk *) file;
  size_t done = 0;

  while (done < size)
    {
      const ssize_t n = pread (disk->fd, (char *) buffer + done, size - done, address + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += n;
    }
  memset ((char *) buffer + done, 0, size - done);
  return 0;
}

static herr_t
disk_write (H5FD_t *file, H5FD_mem_t type, hid_t properties, haddr_t address, size_t size,
            const void *buffer)
{
  Disk *disk = (Disk *) file;
  size_t done = 0;

  while (done < size && disk->failure == 0)
    {
      const ssize_t n
          = pwrite (disk->fd, (const char *) buffer + done, size - done, address + done);

      if (n > 0)
        done += n;
      else if (n == 0 || errno != EINTR)
        disk->failure = n == 0 ? EIO : errno;
    }
  disk->eof = MAX (disk->eof, address + size);
  return 0;
}

static herr_t
disk_truncate (H5FD_t *file, hid_t properties, hbool_t closing)
{
  Disk *disk = (Disk *) file;

  if (disk->eof == disk->eoa)
    return 0;
  if (disk->failure == 0 && ftruncate (disk->fd, disk->eoa) != 0)
    disk->failure = errno;
  disk->eof = disk->eoa;
  return 0;
}

static const H5FD_class_t driver = {
#ifdef H5FD_CLASS_VERSION
  .version = H5FD_CLASS_VERSION,
#endif
  .value = DRIVER_NUMBER,
  .name = "attune",
  .maxaddr = G_MAXINT64,
  .fc_degree = H5F_CLOSE_STRONG,
  .open = disk_open,
  .close = disk_close,
  .cmp = disk_compare,
  .query = disk_query,
  .get_eoa = disk_get_eoa,
  .set_eoa = disk_set_eoa,
  .get_eof = disk_get_eof,
  .get_handle = disk_get_handle,
  .read = disk_read,
  .write = disk_write,
  .truncate = disk_truncate,
  .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t
attune_disk_create (const char *path, int *code)
{
  static hid_t registered = H5I_INVALID_HID;
  const hid_t access = H5Pcreate (H5P_FILE_ACCESS);
  hid_t file;

  if (registered < 0)
    registered = H5FDregister (&driver); /* kept to the end of the process */
  H5Pset_driver (access, registered, NULL);
  open_failure = 0;
  file = H5Fcreate (path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose (access);
  *code = open_failure;
  return file;
}

int
attune_disk_get_failure (hid_t file)
{
  Disk *disk = NULL;

  return H5Fget_vfd_handle (file, H5P_DEFAULT, (void **) &disk) >= 0 ? disk->failure : EIO;
}

int
attune_disk_close (hid_t file)
{
  close_failure = 0;
  H5Fclose (file);
  return close_failure;
}
