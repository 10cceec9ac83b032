/*
 * Faults on demand: the n-th allocation or system call of this thread fails.
 *
 * A program that links inject.c defines malloc() and its kin, write(), fsync(), open() and so on
 * itself, so that the library, SQLite, libcrypto, libturbojpeg, libexif, jansson and the C library
 * all come through here. Nothing fails outside of inject_arm() and inject_disarm(), nor in another
 * thread. What is to be brought to the disk is not: these tests pull no plug, and would wait long.
 */
#ifndef TESTS_FAULT_INJECT_H
#define TESTS_FAULT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

/* What can fail; the values can be added up. */
enum {
    INJECT_MEMORY = 1,   /* malloc, calloc, realloc, posix_memalign, aligned_alloc */
    INJECT_WRITE = 2,    /* write, pwrite */
    INJECT_TRUNCATE = 4, /* ftruncate, fallocate */
    INJECT_SYNC = 8,     /* fsync, fdatasync */
    INJECT_RENAME = 16,  /* rename */
    INJECT_OPEN = 32,    /* open, openat, opendir */
    INJECT_CREATE = 64,  /* those that make a file, and link */
    INJECT_MKDIR = 128,  /* mkdir */
    INJECT_UNLINK = 256, /* unlink, rmdir */
    INJECT_THREAD = 512, /* pthread_create */
    INJECT_KINDS = 10
};

/* What goes wrong. */
struct fault {
    const char *name;
    unsigned calls; /* of these, counted together, the n-th */
    int error;      /* its errno */
    int status;     /* what the caller is to be told */
    bool lasts;     /* and all that follow */
    bool cuts;      /* a write keeps half of its bytes first, as on a disk that becomes full */
};

/* From now on the n-th such call of this thread fails; n counts from 1. */
void inject_arm(const struct fault *fault, long n);
/* Lifts the fault; true when it has struck. */
bool inject_disarm(void);

/* Between these two nothing fails and nothing counts: for what stands in for another machine. */
void inject_hold(void);
void inject_go_on(void);

/*
 * Notes the calls of this thread that can fail, until inject_noted(): their kinds, and on which way
 * each is reached, that is from where in the library. Two of one way differ only in what another
 * library does.
 */
struct noted_call {
    unsigned kinds;
    uint64_t way;
};
void inject_note(void);
/* How many there were. The list is valid until the next inject_note(). */
long inject_noted(const struct noted_call **list);

/* How often a kind was called in this process: to see that the calls really come through here. */
long inject_calls(unsigned kind);
/* How many blocks of memory are allocated; 0 where a sanitizer owns the allocator. */
long inject_blocks(void);
/* Whether allocations can fail here. */
bool inject_has_memory(void);

#endif
