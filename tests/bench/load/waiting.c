/* Those who wait, by their time: a binary heap. A camera waits for the earlier of two. */
#include "load.h"

int64_t waiting_time(const struct actor *actor)
{
    bool has_status = actor->role == ROLE_CAMERA && actor->step && actor->due_status < actor->due;
    return has_status ? actor->due_status : actor->due;
}

static void put(struct load *load, size_t place, struct actor *actor)
{
    load->heap[place] = actor;
    actor->place = place;
}

static void settle(struct load *load, struct actor *actor)
{
    size_t at = actor->place;
    for (; at > 1 && waiting_time(actor) < waiting_time(load->heap[at / 2]); at /= 2)
        put(load, at, load->heap[at / 2]);
    for (size_t child; (child = at * 2) <= load->waiting; at = child) {
        if (child < load->waiting &&
            waiting_time(load->heap[child + 1]) < waiting_time(load->heap[child]))
            child++;
        if (waiting_time(actor) <= waiting_time(load->heap[child]))
            break;
        put(load, at, load->heap[child]);
    }
    put(load, at, actor);
}

void waiting_add(struct load *load, struct actor *actor)
{
    if (!actor->place)
        actor->place = ++load->waiting;
    actor->was_early = waiting_time(actor) > load_now();
    settle(load, actor);
}

void waiting_remove(struct load *load, struct actor *actor)
{
    size_t place = actor->place;
    struct actor *last = load->heap[load->waiting--];
    actor->place = 0;
    if (last == actor)
        return;
    last->place = place;
    settle(load, last);
}

struct actor *waiting_first(const struct load *load)
{
    return load->waiting ? load->heap[1] : NULL;
}
