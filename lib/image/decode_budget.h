/* The memory that decoding may take, shared by all who decode at one time. */
#ifndef WCI_IMAGE_DECODE_BUDGET_H
#define WCI_IMAGE_DECODE_BUDGET_H

#include <pthread.h>
#include <stdint.h>

#include "base/error.h"

struct wci_decode_budget {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int64_t limit, taken;
};

wildcam_status wci_decode_budget_init(struct wci_decode_budget *budget, int64_t limit);
void wci_decode_budget_destroy(struct wci_decode_budget *budget);

/* Waits until the bytes are there. Who asks for more than the limit gets all of it, alone. */
void wci_decode_budget_take(struct wci_decode_budget *budget, int64_t bytes);
void wci_decode_budget_give(struct wci_decode_budget *budget, int64_t bytes);

#endif
