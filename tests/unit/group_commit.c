/* Group commit: who comes at the same time is written together, once, in the order of coming, and
 * each gets his own answer. */
#include "store/group_commit.h"

#include <sched.h>

#include "base/thread.h"
#include "unit.h"

enum { CALLERS = 300, GROUP_MAX = 256 };

struct scene {
    struct wci_group_commit group;
    struct wci_group_work work;
    pthread_mutex_t gate; /* held by the test while the first group is being written */
    int groups, afterwards;
    size_t sizes[8];                 /* of the first groups */
    int fails;                       /* the number of the caller whose change fails; -1 for none */
    int written[CALLERS];            /* how often each change was */
    int order[CALLERS], order_count; /* of the first changes */
};

struct caller {
    struct scene *scene;
    int number;
    struct wci_change change;
    wildcam_status status;
    char message[WCI_ERROR_TEXT];
};

static void write_group(void *user, struct wci_change **changes, size_t count)
{
    struct scene *scene = user;
    pthread_mutex_lock(&scene->gate);
    if (scene->groups < 8)
        scene->sizes[scene->groups] = count;
    scene->groups++;
    for (size_t i = 0; i < count; i++) {
        int number = (int)changes[i]->count; /* no rows are looked at here */
        scene->written[number]++;
        if (scene->order_count < CALLERS)
            scene->order[scene->order_count++] = number;
        if (number == scene->fails) {
            wci_fail(WILDCAM_ERR_EXISTS, "caller %d fails", number);
            wci_error_save(&changes[i]->error);
        }
    }
    pthread_mutex_unlock(&scene->gate);
}

static void after_group(void *user)
{
    struct scene *scene = user;
    pthread_mutex_lock(&scene->gate);
    scene->afterwards++;
    pthread_mutex_unlock(&scene->gate);
    wci_fail(WILDCAM_ERR_IO, "trouble that is none of the caller's");
}

static void begin_scene(struct scene *scene)
{
    *scene = (struct scene){.gate = PTHREAD_MUTEX_INITIALIZER, .fails = -1};
    scene->work = (struct wci_group_work){scene, write_group, after_group};
    assert_done(wci_group_commit_init(&scene->group));
}

static void *commit(void *user)
{
    struct caller *caller = user;
    caller->change.count = (size_t)caller->number;
    caller->status = wci_group_commit(&caller->scene->group, &caller->scene->work, &caller->change);
    snprintf(caller->message, sizeof caller->message, "%s", wildcam_error_message());
    return NULL;
}

/* Starts a caller and waits until he stands in the line, or leads it. */
static void start_caller(struct scene *scene, struct caller *caller, pthread_t *thread)
{
    pthread_mutex_lock(&scene->group.mutex);
    const struct wci_waiter *last_before = scene->group.last;
    bool was_led = scene->group.has_leader;
    pthread_mutex_unlock(&scene->group.mutex);
    assert_done(wci_thread_start(thread, commit, caller));
    for (bool has_come = false; !has_come; sched_yield()) {
        pthread_mutex_lock(&scene->group.mutex);
        /* who leads takes himself out of the line at once, to write */
        has_come = was_led ? scene->group.last != last_before
                           : scene->group.has_leader && !scene->group.last;
        pthread_mutex_unlock(&scene->group.mutex);
    }
}

START_TEST(one_alone_is_written)
{
    struct scene scene;
    begin_scene(&scene);
    struct caller caller = {.scene = &scene};
    commit(&caller);
    ck_assert_int_eq(caller.status, WILDCAM_OK);
    ck_assert_str_eq(caller.message, "");
    ck_assert(scene.groups == 1 && scene.afterwards == 1 && scene.written[0] == 1);
    scene.fails = 1;
    caller.number = 1;
    commit(&caller);
    ck_assert_int_eq(caller.status, WILDCAM_ERR_EXISTS);
    ck_assert_str_eq(caller.message, "caller 1 fails");
    scene.fails = -1;
    commit(&caller); /* an old failure of the change does not count */
    ck_assert_int_eq(caller.status, WILDCAM_OK);
    wci_group_commit_destroy(&scene.group);
}
END_TEST

START_TEST(those_who_wait_are_written_together)
{
    static struct caller callers[CALLERS];
    static struct scene scene;
    pthread_t threads[CALLERS];
    begin_scene(&scene);
    scene.fails = 7;
    pthread_mutex_lock(&scene.gate);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.scene = &scene, .number = i};
        start_caller(&scene, &callers[i], &threads[i]);
    }
    pthread_mutex_unlock(&scene.gate);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(callers[i].status, i == 7 ? WILDCAM_ERR_EXISTS : WILDCAM_OK);
        ck_assert_str_eq(callers[i].message, i == 7 ? "caller 7 fails" : "");
        ck_assert_int_eq(scene.written[i], 1);
        ck_assert_int_eq(scene.order[i], i);
    }
    ck_assert_int_eq(scene.groups, 3);
    ck_assert_uint_eq(scene.sizes[0], 1);
    ck_assert_uint_eq(scene.sizes[1], GROUP_MAX);
    ck_assert_uint_eq(scene.sizes[2], CALLERS - 1 - GROUP_MAX);
    ck_assert_int_eq(scene.afterwards, 3);
    ck_assert(!scene.group.has_leader && !scene.group.first && !scene.group.last);
    wci_group_commit_destroy(&scene.group);
}
END_TEST

/* Who brings several has them in one group, in their order; one that does not fit into it any more
 * waits for the next one whole. */
START_TEST(what_one_brings_stays_together)
{
    static struct caller callers[2];
    static struct scene scene;
    static struct wci_change many[WCI_GROUP_MAX];
    struct wci_change *list[WCI_GROUP_MAX];
    pthread_t threads[2];
    begin_scene(&scene);
    scene.fails = 7;
    for (size_t i = 0; i < WCI_GROUP_MAX; i++) {
        many[i].count = i;
        list[i] = &many[i];
    }
    wci_group_commit_all(&scene.group, &scene.work, list, 0);
    ck_assert_int_eq(scene.groups, 0);
    pthread_mutex_lock(&scene.gate);
    for (int i = 0; i < 2; i++) {
        callers[i] = (struct caller){.scene = &scene, .number = 0};
        start_caller(&scene, &callers[i], &threads[i]);
    }
    pthread_mutex_unlock(&scene.gate);
    wci_group_commit_all(&scene.group, &scene.work, list, WCI_GROUP_MAX);
    ck_assert_str_eq(wildcam_error_message(), "");
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < WCI_GROUP_MAX; i++) {
        ck_assert_int_eq(scene.written[i], i ? 1 : 3);
        ck_assert_int_eq(many[i].error.status, i == 7 ? WILDCAM_ERR_EXISTS : WILDCAM_OK);
    }
    for (int i = 1, at = 0; i < WCI_GROUP_MAX; i++) {
        while (scene.order[at] != i)
            ck_assert_int_lt(++at, scene.order_count);
    }
    ck_assert(!scene.group.has_leader && !scene.group.first && !scene.group.last);
    wci_group_commit_destroy(&scene.group);
}
END_TEST

enum { ROUNDS = 500, CROWD = 8 };

static void *commit_often(void *user)
{
    struct caller *caller = user;
    for (int i = 0; i < ROUNDS; i++)
        commit(caller);
    return NULL;
}

START_TEST(a_crowd_loses_nothing)
{
    struct caller callers[CROWD];
    pthread_t threads[CROWD];
    static struct scene scene;
    begin_scene(&scene);
    for (int i = 0; i < CROWD; i++) {
        callers[i] = (struct caller){.scene = &scene, .number = i};
        assert_done(wci_thread_start(&threads[i], commit_often, &callers[i]));
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(scene.written[i], ROUNDS);
    }
    wci_group_commit_destroy(&scene.group);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("group_commit");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, one_alone_is_written);
    tcase_add_test(all, those_who_wait_are_written_together);
    tcase_add_test(all, what_one_brings_stays_together);
    tcase_add_test(all, a_crowd_loses_nothing);
    return suite;
}
