#include "shared_text.h"

#include <stdlib.h>

struct shared_text *shared_text_new(char *bytes, size_t size)
{
    struct shared_text *text = bytes ? malloc(sizeof *text) : NULL;
    if (!text) {
        free(bytes);
        return NULL;
    }
    atomic_init(&text->holders, 1);
    text->size = size;
    text->bytes = bytes;
    return text;
}

struct shared_text *shared_text_hold(struct shared_text *text)
{
    if (text)
        text->holders++;
    return text;
}

void shared_text_let_go(void *user)
{
    struct shared_text *text = user;
    if (!text || --text->holders > 0)
        return;
    free(text->bytes);
    free(text);
}

bool text_source_start(struct text_source *source)
{
    *source = (struct text_source){0};
    if (pthread_mutex_init(&source->mutex, NULL) != 0)
        return false;
    pthread_cond_init(&source->is_made, NULL);
    return true;
}

void text_source_stop(struct text_source *source)
{
    shared_text_let_go(source->text);
    pthread_cond_destroy(&source->is_made);
    pthread_mutex_destroy(&source->mutex);
}

static bool has_made(const struct text_source *source, uint64_t number)
{
    return source->text && source->current >= number;
}

/* Makes the next one. The mutex is held, but not meanwhile. */
static struct shared_text *
make_next(struct text_source *source,
          struct shared_text *(*make)(struct text_source *source, void *user), void *user)
{
    uint64_t number = ++source->begun;
    source->is_busy = true;
    pthread_mutex_unlock(&source->mutex);
    struct shared_text *text = make(source, user);
    pthread_mutex_lock(&source->mutex);
    shared_text_let_go(source->text);
    source->text = text;
    source->current = number;
    source->is_busy = false;
    pthread_cond_broadcast(&source->is_made);
    return shared_text_hold(text);
}

struct shared_text *
text_source_get(struct text_source *source,
                struct shared_text *(*make)(struct text_source *source, void *user), void *user)
{
    struct shared_text *text = NULL;
    pthread_mutex_lock(&source->mutex);
    uint64_t needed = source->begun + 1;
    source->waiting++;
    while (source->is_busy && !has_made(source, needed))
        pthread_cond_wait(&source->is_made, &source->mutex);
    source->waiting--;
    if (has_made(source, needed))
        text = shared_text_hold(source->text);
    else
        text = make_next(source, make, user);
    pthread_mutex_unlock(&source->mutex);
    return text;
}
