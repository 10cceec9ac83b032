#include "process/alone.h"

#include "base/calendar.h"
#include "base/thread.h"

/* How often who waits looks whether he is still wanted. */
#define GLANCE (WCI_SECOND / 10)

wildcam_status wci_alone_init(struct wci_alone *alone)
{
    *alone = (struct wci_alone){0};
    if (pthread_mutex_init(&alone->mutex, NULL) != 0)
        return wci_fail_memory();
    wildcam_status status = wci_condition_init(&alone->changed);
    if (status != WILDCAM_OK)
        pthread_mutex_destroy(&alone->mutex);
    return status;
}

void wci_alone_destroy(struct wci_alone *alone)
{
    pthread_cond_destroy(&alone->changed);
    pthread_mutex_destroy(&alone->mutex);
}

bool wci_alone_enter(struct wci_alone *alone, const atomic_bool *is_unwanted)
{
    pthread_mutex_lock(&alone->mutex);
    while (alone->is_taken && !atomic_load(is_unwanted))
        wci_condition_wait(&alone->changed, &alone->mutex, GLANCE);
    bool enters = !atomic_load(is_unwanted);
    alone->at_work += enters;
    pthread_mutex_unlock(&alone->mutex);
    return enters;
}

/* Under the mutex. */
static bool forget(struct wci_alone *alone, int64_t picture)
{
    for (int i = 0; i < WCI_SUSPECTS; i++)
        if (alone->suspects[i] == picture) {
            alone->suspects[i] = 0;
            return true;
        }
    return false;
}

static void remember(struct wci_alone *alone, int64_t picture)
{
    forget(alone, picture);
    alone->suspects[alone->next++ % WCI_SUSPECTS] = picture;
}

/* Under the mutex. */
static wildcam_status be_alone(struct wci_alone *alone, int64_t picture,
                               const atomic_bool *is_unwanted)
{
    if (alone->is_taken) {
        remember(alone, picture);
        return WILDCAM_ERR_BUSY;
    }
    alone->is_taken = true;
    while (alone->at_work > 1 && !atomic_load(is_unwanted))
        wci_condition_wait(&alone->changed, &alone->mutex, GLANCE);
    if (!atomic_load(is_unwanted))
        return WILDCAM_OK;
    alone->is_taken = false;
    remember(alone, picture);
    pthread_cond_broadcast(&alone->changed);
    return WILDCAM_ERR_CANCELLED;
}

wildcam_status wci_alone_begin(struct wci_alone *alone, int64_t picture, bool is_suspect,
                               const atomic_bool *is_unwanted, bool *is_alone)
{
    wildcam_status status = WILDCAM_OK;
    pthread_mutex_lock(&alone->mutex);
    is_suspect |= forget(alone, picture);
    if (is_suspect)
        status = be_alone(alone, picture, is_unwanted);
    *is_alone = is_suspect && status == WILDCAM_OK;
    pthread_mutex_unlock(&alone->mutex);
    return status;
}

void wci_alone_leave(struct wci_alone *alone, bool is_alone)
{
    pthread_mutex_lock(&alone->mutex);
    alone->at_work--;
    alone->is_taken = alone->is_taken && !is_alone;
    pthread_cond_broadcast(&alone->changed);
    pthread_mutex_unlock(&alone->mutex);
}
