#include "image/decode_budget.h"

wildcam_status wci_decode_budget_init(struct wci_decode_budget *budget, int64_t limit)
{
    *budget = (struct wci_decode_budget){.limit = limit};
    if (pthread_mutex_init(&budget->mutex, NULL) != 0)
        return wci_fail_memory();
    if (pthread_cond_init(&budget->changed, NULL) == 0)
        return WILDCAM_OK;
    pthread_mutex_destroy(&budget->mutex);
    return wci_fail_memory();
}

void wci_decode_budget_destroy(struct wci_decode_budget *budget)
{
    pthread_cond_destroy(&budget->changed);
    pthread_mutex_destroy(&budget->mutex);
}

static int64_t share(const struct wci_decode_budget *budget, int64_t bytes)
{
    return bytes < budget->limit ? bytes : budget->limit;
}

void wci_decode_budget_take(struct wci_decode_budget *budget, int64_t bytes)
{
    pthread_mutex_lock(&budget->mutex);
    while (budget->taken + share(budget, bytes) > budget->limit)
        pthread_cond_wait(&budget->changed, &budget->mutex);
    budget->taken += share(budget, bytes);
    pthread_mutex_unlock(&budget->mutex);
}

void wci_decode_budget_give(struct wci_decode_budget *budget, int64_t bytes)
{
    pthread_mutex_lock(&budget->mutex);
    budget->taken -= share(budget, bytes);
    pthread_cond_broadcast(&budget->changed);
    pthread_mutex_unlock(&budget->mutex);
}
