/* What both ends of the socket share, inside the folder. */
#ifndef CORE_ACCESS_SOCKET_IO_H
#define CORE_ACCESS_SOCKET_IO_H

#include "core/access/socket.h"

struct sockaddr_un;

#define SOCKET_FILE "socket"

/* Opens the folder and fills in a short name of the socket in it, which is
 * good while the folder is open.  The caller closes it; -1 with errno. */
int socket_folder(const char *dir, struct sockaddr_un *out);

/* Sends what fits now, with SOCKET_FDS descriptors unless fds is NULL; as
 * send(). */
ssize_t socket_push(int fd, struct span bytes, const int *fds);

#endif
