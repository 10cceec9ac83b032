#include "store/group_commit.h"

enum { GROUP_MAX = 256 };

struct wci_waiter {
    struct wci_change *change;
    struct wci_waiter *next;
    pthread_cond_t condition;
    bool is_done, leads;
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

static void take(struct wci_group_commit *group, struct wci_waiter **members,
                 struct wci_change **changes, size_t *count)
{
    *count = 0;
    while (group->first && *count < GROUP_MAX) {
        members[*count] = group->first;
        changes[(*count)++] = group->first->change;
        group->first = group->first->next;
    }
    if (!group->first)
        group->last = NULL;
}

/* Writes one group, of which the leader's change is the first, and hands the lead on. */
static void lead(struct wci_group_commit *group, const struct wci_group_work *work,
                 struct wci_waiter *self)
{
    struct wci_waiter *members[GROUP_MAX];
    struct wci_change *changes[GROUP_MAX];
    size_t count;
    take(group, members, changes, &count);
    pthread_mutex_unlock(&group->mutex);
    work->write(work->user, changes, count);
    pthread_mutex_lock(&group->mutex);
    for (size_t i = 0; i < count; i++) {
        members[i]->is_done = true;
        if (members[i] != self)
            pthread_cond_signal(&members[i]->condition);
    }
    pthread_mutex_unlock(&group->mutex);
    work->afterwards(work->user);
    pthread_mutex_lock(&group->mutex);
    group->has_leader = group->first != NULL;
    if (group->first) {
        group->first->leads = true;
        pthread_cond_signal(&group->first->condition);
    }
}

wildcam_status wci_group_commit(struct wci_group_commit *group, const struct wci_group_work *work,
                                struct wci_change *change)
{
    struct wci_waiter self = {.change = change};
    change->error.status = WILDCAM_OK;
    if (pthread_cond_init(&self.condition, NULL) != 0)
        return wci_fail_memory();
    pthread_mutex_lock(&group->mutex);
    if (group->last)
        group->last->next = &self;
    else
        group->first = &self;
    group->last = &self;
    if (!group->has_leader)
        group->has_leader = self.leads = true;
    while (!self.is_done && !self.leads)
        pthread_cond_wait(&self.condition, &group->mutex);
    if (self.leads)
        lead(group, work, &self);
    pthread_mutex_unlock(&group->mutex);
    pthread_cond_destroy(&self.condition);
    if (change->error.status != WILDCAM_OK)
        return wci_error_restore(&change->error);
    wci_error_clear(); /* the leader may have had others' failures on its thread */
    return WILDCAM_OK;
}
