/* The load of the relay bench: writes WebSocket frames into one end of each pair and takes them out of the other.
 *
 *   load flood SECONDS SIZE 0           plain|masked frames|bytes STALLED SENDER:RECEIVER ...
 *   load paced SECONDS SIZE INTERVAL_US plain|masked frames|bytes STALLED SENDER:RECEIVER ...
 *
 * The sockets are inherited, connected, and past their handshakes (load.py does them).  SIZE: bytes of a message.
 * Senders write binary frames, masked like a WebSocket client's or plain like a server's; receivers get frames, or bare
 * bytes where the relay unwraps them.  STALLED: so many of the pairs, the first, send what is accepted and never read.
 *
 *   flood: as much as goes through.  Sent from a page of memory (sendfile) and thrown away unread (MSG_TRUNC), so that
 *          this program costs far less than any relay.
 *   paced: each pair sends a message every INTERVAL_US; its first 8 bytes are when, and the other end, which is in this
 *          process and has the same clock, notes how long it took until the whole message was there.
 *
 * Prints "begin" when what is measured begins (WARM_UP after the start), "end" when it is over, and then one line of
 * JSON.  Ends with 1 and a sentence when the relay breaks a connection or sends what was not sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256 * 1024, EVENTS = 256, MOST_LATENCIES = 1 << 20, HEADER = 14 };
static const uint32_t TICK = UINT32_MAX;                 /* the clock's tag; a pair's are 2n (sender), 2n+1 (receiver) */
static const double WARM_UP = 0.5;                       /* seconds */
static const uint64_t SWALLOWED_ENOUGH = 256ull << 20;   /* bytes into a stalled pair: then it sends no more */
static const uint8_t MASK[4] = {0x5a, 0xc3, 0x1e, 0x97};

struct pair {
    int sender, receiver;
    bool stalled;
    off_t at;             /* flood: where in the page of frames its next byte is */
    uint64_t sent;        /* flood: bytes on the wire */
    uint8_t *out, *in;    /* paced: the frame that is being sent; what has come of the next one */
    size_t out_left, in_have;
};

static struct pair *pairs;
static int count, poller, page, ticker;
static size_t size, head_size, wire, page_size;   /* of a message; its header; both; the page of whole frames */
static bool masked, unwrapped, measuring;
static uint64_t *latencies, messages, got_bytes;
static size_t noted;

static void fail(const char *format, ...) {
    va_list given;
    va_start(given, format);
    vfprintf(stderr, format, given);
    va_end(given);
    fputc('\n', stderr);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double own_cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* A binary frame of `size` bytes at `to`; returns the length of its header (RFC 6455, section 5.2). */
static size_t write_header(uint8_t *to) {
    size_t length = 2;
    to[0] = 0x82;
    if (size < 126) {
        to[1] = (uint8_t)size;
    } else if (size < 65536) {
        to[1] = 126;
        uint16_t wide = htons((uint16_t)size);
        memcpy(to + 2, &wide, 2);
        length = 4;
    } else {
        to[1] = 127;
        uint64_t wide = htobe64(size);
        memcpy(to + 2, &wide, 8);
        length = 10;
    }
    if (masked) {
        to[1] |= 0x80;
        memcpy(to + length, MASK, 4);
        length += 4;
    }
    return length;
}

static void make_page(void) {
    size_t frames = AT_ONCE / wire + 1;
    page_size = frames * wire;
    page = memfd_create("frames", MFD_CLOEXEC);
    if (page < 0 || ftruncate(page, (off_t)page_size)) fail("no memory for the frames: %s", strerror(errno));
    uint8_t *at = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
    if (at == MAP_FAILED) fail("no memory for the frames: %s", strerror(errno));
    for (size_t n = 0; n < frames; n++, at += wire) {
        write_header(at);
        for (size_t i = head_size; i < wire; i++) at[i] = (uint8_t)(i * 131u + n);
    }
}

static void watch(int how, int fd, uint32_t events, uint32_t tag) {
    struct epoll_event wanted = {.events = events, .data.u32 = tag};
    if (epoll_ctl(poller, how, fd, &wanted)) fail("epoll: %s", strerror(errno));
}

static bool would_block(ssize_t done, const char *who) {
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (done <= 0) fail("the relay closed the %s's connection (%s)", who, done < 0 ? strerror(errno) : "end of data");
    return false;
}

/* As much of the page as is accepted now. */
static void flood(struct pair *one) {
    ssize_t done = sendfile(one->sender, page, &one->at, page_size - (size_t)one->at);
    if (would_block(done, "sender")) return;
    one->sent += (uint64_t)done;
    if ((size_t)one->at == page_size) one->at = 0;
    if (one->stalled && one->sent > SWALLOWED_ENOUGH) epoll_ctl(poller, EPOLL_CTL_DEL, one->sender, NULL);
}

static void discard(struct pair *one) {
    static uint8_t nothing[AT_ONCE];
    ssize_t done = recv(one->receiver, nothing, sizeof nothing, MSG_TRUNC | MSG_DONTWAIT);
    if (would_block(done, "receiver")) return;
    if (measuring) got_bytes += (uint64_t)done;
}

/* What is left of a paced pair's message, as far as it is accepted now. */
static void send_rest(struct pair *one) {
    ssize_t done = send(one->sender, one->out + wire - one->out_left, one->out_left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (!would_block(done, "sender")) one->out_left -= (size_t)done;
    if (one->out_left) watch(EPOLL_CTL_MOD, one->sender, EPOLLOUT | EPOLLONESHOT, 2 * (uint32_t)(one - pairs));
}

/* The next message of a paced pair, unless its last one is not out yet. */
static void send_stamped(struct pair *one) {
    if (one->out_left) return;
    uint64_t stamp = now_ns();
    uint8_t *to = one->out + head_size;
    memcpy(to, &stamp, 8);
    for (int i = 0; masked && i < 8; i++) to[i] ^= MASK[i % 4];
    one->out_left = wire;
    send_rest(one);
}

/* The length of the header of the frame at `at`, 0 if it is not all there; its payload's length and whether masked. */
static size_t read_header(const uint8_t *at, size_t have, uint64_t *payload, bool *is_masked) {
    *is_masked = false;
    *payload = size;
    if (unwrapped) return have ? SIZE_MAX : 0;
    if (have < 2) return 0;
    *is_masked = at[1] & 0x80;
    size_t length = 2 + ((at[1] & 0x7f) == 126 ? 2 : (at[1] & 0x7f) == 127 ? 8 : 0) + (*is_masked ? 4 : 0);
    if (have < length) return 0;
    uint16_t narrow = 0;
    uint64_t wide = 0;
    memcpy(&narrow, at + 2, 2);
    memcpy(&wide, at + 2, have < 10 ? 0 : 8);
    *payload = (at[1] & 0x7f) == 126 ? ntohs(narrow) : (at[1] & 0x7f) == 127 ? be64toh(wide) : (at[1] & 0x7fu);
    return length;
}

static void note(const uint8_t *payload, const uint8_t *mask) {
    uint8_t plain[8];
    uint64_t stamp;
    for (int i = 0; i < 8; i++) plain[i] = payload[i] ^ (mask ? mask[i % 4] : 0);
    memcpy(&stamp, plain, 8);
    uint64_t took = now_ns() - stamp;
    if (took > 60000000000u) fail("the relay sent what was not sent to it");
    if (!measuring) return;
    messages++;
    if (noted < MOST_LATENCIES) latencies[noted++] = took;
}

/* What has come of a paced pair's messages. */
static void take_stamped(struct pair *one) {
    size_t room = 2 * (size + HEADER) + AT_ONCE;
    ssize_t done = recv(one->receiver, one->in + one->in_have, room - one->in_have, MSG_DONTWAIT);
    if (would_block(done, "receiver")) return;
    one->in_have += (size_t)done;
    uint8_t *at = one->in;
    for (;;) {
        uint64_t payload;
        bool is_masked;
        size_t left = one->in_have - (size_t)(at - one->in), head = read_header(at, left, &payload, &is_masked);
        if (!head) break;
        if (head == SIZE_MAX) head = 0;
        if (left < head + payload) break;
        if (unwrapped || (at[0] & 0x0f) == 2) { /* pings and texts of the relay's own are none of ours */
            if (payload != size) fail("the relay sent a message of %" PRIu64 " bytes, not of %zu", payload, size);
            note(at + head, is_masked ? at + head - 4 : NULL);
        }
        at += head + payload;
    }
    one->in_have -= (size_t)(at - one->in);
    memmove(one->in, at, one->in_have);
}

static void report(double seconds, double cpu, uint64_t swallowed) {
    double frames = (double)got_bytes / (double)(unwrapped ? size : wire);
    printf("{\"seconds\": %.6f, \"own_cpu_s\": %.4f, \"megabytes\": %.6f, \"swallowed_bytes\": %" PRIu64
           ", \"messages\": %" PRIu64 ", \"latencies_us\": [",
           seconds, cpu, frames * (double)size / 1e6, swallowed, messages);
    for (size_t i = 0; i < noted; i++) printf("%s%.1f", i ? "," : "", (double)latencies[i] / 1e3);
    puts("]}");
}

static void run(bool paced, double seconds, int stalled) {
    struct epoll_event ready[EVENTS];
    uint64_t begin = now_ns() + (uint64_t)(WARM_UP * 1e9), end = UINT64_MAX;
    double cpu = 0;
    int turn = stalled;
    for (uint64_t now; (now = now_ns()) < end;) {
        if (!measuring && now >= begin) {
            measuring = true;
            puts("begin");
            fflush(stdout);
            begin = now_ns();
            end = begin + (uint64_t)(seconds * 1e9);
            cpu = own_cpu();
        }
        int found = epoll_wait(poller, ready, EVENTS, 20);
        for (int i = 0; i < found; i++) {
            uint32_t tag = ready[i].data.u32;
            struct pair *one = &pairs[tag == TICK ? turn : (int)(tag / 2)];
            uint64_t ticks; /* more than one: this process was late, and lets the others go */
            if (tag == TICK) {
                if (read(ticker, &ticks, sizeof ticks) < 0) continue;
                send_stamped(one);
                if (++turn == count) turn = stalled;
            } else if (tag % 2 == 0) paced && !one->stalled ? send_rest(one) : flood(one);
            else if (paced) take_stamped(one);
            else discard(one);
        }
    }
    double took = (double)(now_ns() - begin) / 1e9;
    cpu = own_cpu() - cpu;
    puts("end");
    uint64_t swallowed = 0;
    for (int i = 0; i < stalled; i++) swallowed += pairs[i].sent;
    report(took, cpu, swallowed);
}

/* A clock that ticks once per pair and interval: whoever's turn it is sends. */
static void start_clock(long interval_us, int pacing) {
    long each = interval_us * 1000 / pacing;
    struct timespec tick = {each / 1000000000, each % 1000000000};
    struct itimerspec every = {.it_value = tick, .it_interval = tick};
    ticker = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timerfd_settime(ticker, 0, &every, NULL)) fail("no clock: %s", strerror(errno));
    watch(EPOLL_CTL_ADD, ticker, EPOLLIN, TICK);
}

int main(int argc, char **argv) {
    if (argc < 9) fail("load flood|paced SECONDS SIZE INTERVAL_US plain|masked frames|bytes STALLED SENDER:RECEIVER ...");
    bool paced = !strcmp(argv[1], "paced");
    double seconds = atof(argv[2]);
    size = strtoul(argv[3], NULL, 10);
    masked = !strcmp(argv[5], "masked");
    unwrapped = !strcmp(argv[6], "bytes");
    int stalled = atoi(argv[7]);
    if (size < 8 || size > 16 << 20) fail("a message has 8 bytes to 16 MiB");
    count = argc - 8;
    pairs = calloc((size_t)count, sizeof *pairs);
    latencies = malloc(MOST_LATENCIES * sizeof *latencies);
    poller = epoll_create1(EPOLL_CLOEXEC);
    uint8_t header[HEADER];
    head_size = write_header(header);
    wire = head_size + size;
    make_page();
    for (int i = 0; i < count; i++) {
        struct pair *one = &pairs[i];
        if (sscanf(argv[8 + i], "%d:%d", &one->sender, &one->receiver) != 2) fail("no pair: %s", argv[8 + i]);
        one->stalled = i < stalled;
        fcntl(one->sender, F_SETFL, O_NONBLOCK);
        watch(EPOLL_CTL_ADD, one->sender, !paced || one->stalled ? EPOLLOUT : 0, 2 * (uint32_t)i);
        if (one->stalled) continue;
        watch(EPOLL_CTL_ADD, one->receiver, EPOLLIN, 2 * (uint32_t)i + 1);
        if (!paced) continue;
        one->out = calloc(1, wire);
        one->in = malloc(2 * (size + HEADER) + AT_ONCE);
        write_header(one->out);
    }
    if (paced && count > stalled) start_clock(atol(argv[4]), count - stalled);
    run(paced, seconds, stalled);
    return 0;
}
