#include "store/group_commit.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

/* On its caller's stack. It is his again once his turn has come, which is told without the lock:
 * those who wake need not queue up for it. */
struct wci_waiter {
    struct wci_change **changes;
    size_t count; /* not more than a group takes */
    struct wci_waiter *next;
    sem_t turn;
    bool leads; /* set before the turn comes: he writes the next group */
};

wildcam_status wci_group_commit_init(struct wci_group_commit *group)
{
    *group = (struct wci_group_commit){0};
    return pthread_mutex_init(&group->mutex, NULL) == 0 ? WILDCAM_OK : wci_fail_memory();
}

void wci_group_commit_destroy(struct wci_group_commit *group)
{
    pthread_mutex_destroy(&group->mutex);
}

/* Takes those who wait, in the order of their coming, each with all that he brings. */
static size_t take(struct wci_group_commit *group, struct wci_waiter **members,
                   struct wci_change **changes, size_t *count)
{
    size_t taken = 0;
    *count = 0;
    pthread_mutex_lock(&group->mutex);
    while (group->first && *count + group->first->count <= WCI_GROUP_MAX) {
        struct wci_waiter *member = group->first;
        members[taken++] = member;
        memcpy(changes + *count, member->changes, member->count * sizeof(struct wci_change *));
        *count += member->count;
        group->first = member->next;
    }
    if (!group->first)
        group->last = NULL;
    pthread_mutex_unlock(&group->mutex);
    return taken;
}

static void hand_on(struct wci_group_commit *group)
{
    pthread_mutex_lock(&group->mutex);
    struct wci_waiter *next = group->first;
    group->has_leader = next != NULL;
    pthread_mutex_unlock(&group->mutex);
    if (next) {
        next->leads = true;
        sem_post(&next->turn);
    }
}

/* Writes one group, which begins with what the leader brings, and hands the lead on. */
static void lead(struct wci_group_commit *group, const struct wci_group_work *work)
{
    struct wci_waiter *members[WCI_GROUP_MAX];
    struct wci_change *changes[WCI_GROUP_MAX];
    size_t count, taken = take(group, members, changes, &count);
    work->write(work->user, changes, count);
    for (size_t i = 1; i < taken; i++)
        sem_post(&members[i]->turn);
    work->afterwards(work->user);
    hand_on(group);
}

static void wait_in_line(struct wci_group_commit *group, struct wci_waiter *self)
{
    pthread_mutex_lock(&group->mutex);
    if (group->last)
        group->last->next = self;
    else
        group->first = self;
    group->last = self;
    bool leads = !group->has_leader;
    group->has_leader = true;
    pthread_mutex_unlock(&group->mutex);
    if (leads) {
        self->leads = true;
        return;
    }
    while (sem_wait(&self->turn) != 0 && errno == EINTR)
        continue;
}

void wci_group_commit_all(struct wci_group_commit *group, const struct wci_group_work *work,
                          struct wci_change **changes, size_t count)
{
    struct wci_waiter self = {.changes = changes, .count = count};
    for (size_t i = 0; i < count; i++)
        changes[i]->error.status = WILDCAM_OK;
    if (!count)
        return;
    sem_init(&self.turn, 0, 0);
    wait_in_line(group, &self);
    if (self.leads)
        lead(group, work);
    sem_destroy(&self.turn);
    wci_error_clear(); /* the leader may have had others' failures on its thread */
}

wildcam_status wci_group_commit(struct wci_group_commit *group, const struct wci_group_work *work,
                                struct wci_change *change)
{
    wci_group_commit_all(group, work, &change, 1);
    return change->error.status == WILDCAM_OK ? WILDCAM_OK : wci_error_restore(&change->error);
}
