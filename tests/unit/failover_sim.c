/* Failover in a world of its own: thousands of objects, and regions that are down, flap, throttle,
 * hang, lie, or cannot be reached for days. */
#include "failover_world.h"

enum { HOUR = 3600, DAY = 86400 };

static struct world world;

static double latency(int number)
{
    return (double)(world.objects[number].done - world.objects[number].came) / SECOND;
}

static double worst_latency(int from, int to)
{
    double worst = 0;
    for (int i = from; i < to; i++)
        worst = latency(i) > worst ? latency(i) : worst;
    return worst;
}

static double mean_latency(int from, int to)
{
    double sum = 0;
    for (int i = from; i < to; i++)
        sum += latency(i);
    return sum / (to - from);
}

static int sum_of_failures(void)
{
    int sum = 0;
    for (int i = 0; i < world.count; i++)
        sum += world.objects[i].failures;
    return sum;
}

/* How many objects are in more than one region. */
static int sum_of_doubles(void)
{
    int sum = 0;
    for (int i = 0; i < world.count; i++)
        sum += (world.objects[i].stored & (world.objects[i].stored - 1)) != 0;
    return sum;
}

static bool is_between(double from, double to)
{
    double seconds = world_seconds(&world, world.now);
    return seconds >= from && seconds < to;
}

static void all_work(void)
{
    for (int i = 0; i < REGIONS; i++)
        world.regions[i].weather = WORKS;
}

/* ---- a region that is down ---- */

static void first_resets(struct world *in)
{
    in->regions[0].weather = is_between(100, 300) ? RESETS : WORKS;
}

START_TEST(a_region_that_resets_costs_next_to_nothing)
{
    world_begin(&world, 6000, SECOND / 10, 1);
    world.change = first_resets;
    world_run(&world, 700);
    ck_assert(worst_latency(0, 1000) < 0.2);
    ck_assert(worst_latency(1000, 1005) < 0.15 + 0.15 + 0.01); /* who finds out: two delays more */
    ck_assert(worst_latency(1005, 3000) < 0.15 + 0.01);        /* the next: a probe at most */
    ck_assert(worst_latency(3000, 6000) < 0.2);
    ck_assert_int_eq(sum_of_failures(), 0);
    ck_assert_int_eq(world.regions[2].puts, 0);
    /* and they went back within the dwell, once */
    ck_assert_int_eq(world.current, 0);
    ck_assert_int_eq(world.moves, 2);
    ck_assert(world_seconds(&world, world.moved_at) > 300);
    ck_assert(world_seconds(&world, world.moved_at) <= 361);
    world_end(&world);
}
END_TEST

static void first_is_down_for_a_day(struct world *in)
{
    in->regions[0].weather = is_between(100, 100 + DAY) ? RESETS : WORKS;
}

START_TEST(a_day_of_it_costs_no_more)
{
    world_begin(&world, DAY / 2 + 200, 2 * SECOND, 2);
    world.change = first_is_down_for_a_day;
    world_run(&world, DAY + 1000);
    ck_assert(worst_latency(0, world.count) < 0.35);
    ck_assert_int_eq(world.moves, 2);
    ck_assert(world_seconds(&world, world.moved_at) <= 100 + DAY + 62);
    /* one probe each 15 to 30 s */
    int64_t in_vain = world_puts(&world) - world.count;
    ck_assert_int_ge(in_vain, DAY / 35);
    ck_assert_int_le(in_vain, DAY / 15 + 20);
    world_end(&world);
}
END_TEST

static void all_are_down(struct world *in)
{
    for (int i = 0; i < REGIONS; i++)
        in->regions[i].weather = is_between(60, 60 + 6 * HOUR) ? FAILS : WORKS;
}

START_TEST(when_all_are_down_little_is_sent)
{
    world_begin(&world, 2000, SECOND, 3);
    world.change = all_are_down;
    for (int i = 0; i < REGIONS; i++)
        world.regions[i].percent = 100;
    world_run(&world, 7 * HOUR);
    int64_t in_vain = world_puts(&world) - world.count;
    /* the first region is tried every 15 to 30 s, the others every 150 to 300 s */
    ck_assert_int_le(in_vain, 6 * HOUR / 15 + 2 * 6 * HOUR / 150 + 60);
    ck_assert_int_ge(in_vain, 6 * HOUR / 35);
    /* and all go as soon as it works: within what was left of the first region's time */
    ck_assert(world_seconds(&world, world.last_done_at) < 60 + 6 * HOUR + 300);
    world_end(&world);
}
END_TEST

/* ---- regions that come and go ---- */

static void first_flaps_fast(struct world *in)
{
    in->regions[0].weather = (int)world_seconds(in, in->now) / 10 % 2 ? RESETS : WORKS;
}

START_TEST(who_flaps_is_left_alone)
{
    world_begin(&world, 36000, SECOND / 10, 4);
    world.change = first_flaps_fast;
    world_run(&world, HOUR + 60);
    ck_assert(worst_latency(0, world.count) < 0.35);
    ck_assert(mean_latency(0, world.count) < 0.11);
    ck_assert_int_le(world.moves, 20); /* 1, 2, 4, 8, 10, 10... minutes */
    ck_assert_int_le(world_puts(&world) - world.count, 3600 / 10);
    world_end(&world);
}
END_TEST

static void first_flaps_slowly(struct world *in)
{
    in->regions[0].weather = (int)world_seconds(in, in->now) / 300 % 2 ? RESETS : WORKS;
}

START_TEST(who_comes_back_is_used)
{
    world_begin(&world, 36000, SECOND / 10, 5);
    world.change = first_flaps_slowly;
    world_run(&world, HOUR + 60);
    ck_assert(worst_latency(0, world.count) < 0.35);
    ck_assert_int_eq(world.moves, 11); /* away and back in each of six times ten minutes */
    /* five minutes and then four of each ten */
    ck_assert_int_ge(world.regions[0].taken, 36000 * 4 / 10);
    world_end(&world);
}
END_TEST

START_TEST(a_tenth_that_fails_moves_nobody)
{
    world_begin(&world, 36000, SECOND / 10, 6);
    world.regions[0].weather = FAILS;
    world.regions[0].percent = 10;
    world_run(&world, HOUR + 60);
    ck_assert(worst_latency(0, world.count) < 0.8);
    ck_assert_int_ge(world.regions[0].taken, world.count * 9 / 10);
    ck_assert_int_le(world_puts(&world), world.count * 115 / 100);
    ck_assert_int_eq(sum_of_failures(), 0);
    world_end(&world);
}
END_TEST

START_TEST(half_that_fails_everywhere_loses_nothing)
{
    world_begin(&world, 5000, SECOND / 10, 7);
    for (int i = 0; i < REGIONS; i++) {
        world.regions[i].weather = FAILS;
        world.regions[i].percent = 50;
    }
    world_run(&world, 4 * HOUR);
    ck_assert_int_le(world_puts(&world), world.count * 3);
    world_end(&world);
}
END_TEST

/* ---- throttling ---- */

START_TEST(throttled_regions_are_used_at_their_rate)
{
    world_begin(&world, 8000, 1, 8);
    for (int i = 0; i < REGIONS; i++) {
        world.regions[i].weather = THROTTLES;
        world.regions[i].rate = 40;
    }
    world_run(&world, 8000 / 40 * 2);
    int64_t throttled = 0;
    for (int i = 0; i < REGIONS; i++)
        throttled += world.regions[i].throttled;
    ck_assert_int_le(throttled, 8000 / 5); /* at most one in six is refused */
    ck_assert_int_le(sum_of_failures(), 80);
    /* who came first is not the last: nobody is passed over */
    ck_assert(worst_latency(0, 1000) < worst_latency(0, 8000) / 2);
    world_end(&world);
}
END_TEST

/* ---- hanging, lying, refusing ---- */

static void first_hangs(struct world *in)
{
    in->regions[0].weather = is_between(100, 400) ? HANGS : WORKS;
}

START_TEST(a_region_that_hangs_holds_up_only_those_in_it)
{
    world_begin(&world, 20000, SECOND / 20, 9);
    world.change = first_hangs;
    world_run(&world, 1200);
    int held_up = 0;
    for (int i = 0; i < world.count; i++)
        held_up += latency(i) > 1;
    /* the first time-out takes 20 s; at 20 objects a second all those came meanwhile. Later each
     * probe is one. */
    ck_assert_int_le(held_up, 20 * 27 + 300 / 15);
    ck_assert(worst_latency(0, world.count) < 20 + 2 + 20 + 2 + 20 + 3);
    ck_assert_int_eq(world.current, 0);
    ck_assert(world_seconds(&world, world.moved_at) <= 461);
    world_end(&world);
}
END_TEST

static void first_swallows(struct world *in)
{
    in->regions[0].weather = is_between(100, 200) ? SWALLOWS : WORKS;
}

START_TEST(who_takes_and_does_not_say_so_is_asked)
{
    world_begin(&world, 3000, SECOND / 10, 10);
    world.change = first_swallows;
    world_run(&world, 400);
    ck_assert_int_eq(sum_of_doubles(), 0);
    ck_assert_int_eq(sum_of_failures(), 0);
    world_end(&world);
}
END_TEST

static void first_refuses(struct world *in)
{
    in->regions[0].weather = is_between(0, 1000) ? REFUSES : WORKS;
}

START_TEST(who_refuses_is_asked_every_five_minutes)
{
    world_begin(&world, 14000, SECOND / 10, 11);
    world.change = first_refuses;
    world_run(&world, 1500);
    ck_assert(worst_latency(0, world.count) < 0.35);
    ck_assert_int_le(world_puts(&world) - world.count, 4 + 4);
    ck_assert_int_eq(world.current, 0);
    ck_assert(world_seconds(&world, world.moved_at) <= 1000 + 300 + 61);
    world_end(&world);
}
END_TEST

/* ---- the uplink ---- */

static void is_cut_for_days(struct world *in)
{
    bool is_cut = is_between(1000, 1000 + 3 * DAY);
    if (is_cut && !in->is_cut)
        in->cut_at = in->now;
    in->is_cut = is_cut;
}

START_TEST(days_without_an_uplink)
{
    world_begin(&world, 10000, 30 * SECOND, 12);
    world.change = is_cut_for_days;
    world_run(&world, 4 * DAY);
    int64_t in_vain = world_puts(&world) - world.count;
    ck_assert_int_le(in_vain, 3 * 3 * DAY / 25); /* each region, every 32 s or so */
    ck_assert_int_ge(in_vain, 3 * DAY / 60);
    ck_assert_int_eq(sum_of_failures(), 0); /* nobody was to blame */
    ck_assert_int_eq(world.moves, 0);
    ck_assert_int_eq(world.current, 0);
    ck_assert_int_eq(world.regions[1].taken + world.regions[2].taken, 0);
    /* the first goes within a minute of its coming back, and all soon after */
    int64_t back = world.started + (1000 + 3 * (int64_t)DAY) * SECOND, first = INT64_MAX;
    for (int i = 0; i < world.count; i++)
        if (world.objects[i].done > back && world.objects[i].done < first)
            first = world.objects[i].done;
    ck_assert_int_le(first - back, INT64_C(61) * SECOND);
    for (int i = 0; i < world.count; i++)
        ck_assert(world.objects[i].came > back ||
                  world.objects[i].done < back + 300 * (int64_t)SECOND);
    world_end(&world);
}
END_TEST

static void is_cut_now_and_then(struct world *in)
{
    bool is_cut = (int)world_seconds(in, in->now) / 60 % 5 == 4;
    if (is_cut && !in->is_cut)
        in->cut_at = in->now;
    in->is_cut = is_cut;
}

START_TEST(a_minute_without_an_uplink_each_five)
{
    world_begin(&world, 36000, SECOND / 10, 13);
    world.change = is_cut_now_and_then;
    world_run(&world, HOUR + 600);
    ck_assert_int_eq(sum_of_failures(), 0);
    ck_assert(worst_latency(0, world.count) < 60 + 60 + 30);
    ck_assert_int_ge(world.regions[0].taken, world.count * 99 / 100);
    world_end(&world);
}
END_TEST

/* ---- clocks ---- */

START_TEST(clocks_that_are_wrong)
{
    world_begin(&world, 5000, MILLISECOND, 14);
    world.regions[0].clock_off = INT64_C(-1200) * SECOND;
    world.regions[1].clock_off = INT64_C(86400) * SECOND;
    world_run(&world, 200);
    /* those that were under way together, and nobody later */
    ck_assert_int_le(world_puts(&world), world.count + 50);
    ck_assert_int_eq(world.regions[0].taken, world.count);
    for (int i = 0; i < world.count; i++)
        ck_assert_int_eq(world.objects[i].attempts.count[0], 0);
    world_end(&world);
}
END_TEST

/* ---- everything ---- */

static int64_t changes_at[REGIONS + 1];

static void anything(struct world *in)
{
    bool is_over = !is_between(0, 2 * HOUR);
    for (int i = 0; i < REGIONS; i++) {
        if (in->now < changes_at[i])
            continue;
        changes_at[i] = in->now + (int64_t)(1 + world_random(in, 120)) * SECOND;
        in->regions[i].weather = is_over || world_random(in, 2) ? WORKS
                                                                : world_random(in, WEATHERS);
        in->regions[i].percent = world_random(in, 101);
        in->regions[i].rate = 4 + world_random(in, 40);
        in->regions[i].clock_off = (int64_t)(world_random(in, 3) - 1) * HOUR * SECOND;
    }
    if (in->now >= changes_at[REGIONS] || is_over) {
        bool is_cut = !is_over && world_random(in, 4) == 0;
        changes_at[REGIONS] = in->now + (int64_t)(1 + world_random(in, 120)) * SECOND;
        if (is_cut && !in->is_cut)
            in->cut_at = in->now;
        in->is_cut = is_cut;
    }
    if (is_over)
        all_work();
}

START_TEST(whatever_comes_nothing_is_lost)
{
    memset(changes_at, 0, sizeof changes_at);
    world_begin(&world, 20000, SECOND * 36 / 100, 100 + (uint64_t)_i);
    world.change = anything;
    /* an object that has failed often waits for an hour at most */
    world_run(&world, 3 * HOUR + 700);
    ck_assert_int_le(world_puts(&world), world.count * 3);
    world_end(&world);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("failover_sim");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, a_region_that_resets_costs_next_to_nothing);
    tcase_add_test(all, a_day_of_it_costs_no_more);
    tcase_add_test(all, when_all_are_down_little_is_sent);
    tcase_add_test(all, who_flaps_is_left_alone);
    tcase_add_test(all, who_comes_back_is_used);
    tcase_add_test(all, a_tenth_that_fails_moves_nobody);
    tcase_add_test(all, half_that_fails_everywhere_loses_nothing);
    tcase_add_test(all, throttled_regions_are_used_at_their_rate);
    tcase_add_test(all, a_region_that_hangs_holds_up_only_those_in_it);
    tcase_add_test(all, who_takes_and_does_not_say_so_is_asked);
    tcase_add_test(all, who_refuses_is_asked_every_five_minutes);
    tcase_add_test(all, days_without_an_uplink);
    tcase_add_test(all, a_minute_without_an_uplink_each_five);
    tcase_add_test(all, clocks_that_are_wrong);
    tcase_add_loop_test(all, whatever_comes_nothing_is_lost, 0, 20);
    return suite;
}
