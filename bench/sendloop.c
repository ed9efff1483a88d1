/* The limit of fan-out on this machine: nothing but send(2), one call a socket and round. */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Sends `size` bytes to each of `count` blocking sockets, `rounds` times. Returns 0, or errno. */
int send_rounds(const int *fds, int count, const char *data, size_t size, int rounds) {
    for (int round = 0; round < rounds; round++) {
        for (int at = 0; at < count; at++) {
            size_t sent = 0;
            while (sent < size) {
                ssize_t part = send(fds[at], data + sent, size - sent, MSG_NOSIGNAL);
                if (part < 0) {
                    if (errno == EINTR) continue;
                    return errno;
                }
                sent += (size_t)part;
            }
        }
    }
    return 0;
}
