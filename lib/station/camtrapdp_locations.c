/* Where deployments are said to be: those of one location at the same place, blurred as the most
 * careful of them asks, and rounded. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "station/camtrapdp_places.h"

/* In metres: the diagonal of a degree's square at the equator, by which rounding may move a place
 * at most, and what a GPS receiver adds (A. D. Chapman, J. R. Wieczorek: Georeferencing Best
 * Practices, 2020, tables 3 and 4). */
#define DEGREE_DIAGONAL 157426.0
#define GPS_UNCERTAINTY 30.0

typedef int compare_fn(const void *left, const void *right);

static const int names[] = {WILDCAM_DEPLOYMENT_LOCATION_ID, WILDCAM_DEPLOYMENT_LOCATION_NAME};
static const int axes[] = {WILDCAM_DEPLOYMENT_LATITUDE, WILDCAM_DEPLOYMENT_LONGITUDE};

static bool is_named(const struct wci_site *site)
{
    return site->deployment.texts[names[0]].length || site->deployment.texts[names[1]].length;
}

/* A location is known by its id, else by its name. */
static int compare_locations(const void *left, const void *right)
{
    const struct wci_site *const *one = left, *const *other = right;
    for (size_t i = 0; i < 2; i++) {
        const char *a = wci_text_get(&(*one)->deployment.texts[names[i]]);
        const char *b = wci_text_get(&(*other)->deployment.texts[names[i]]);
        int order = strcmp(a, b);
        if (order || *a)
            return order;
    }
    return 0;
}

static int compare_coordinates(const void *left, const void *right)
{
    const struct wci_site *const *one = left, *const *other = right;
    for (size_t i = 0; i < 2; i++) {
        double a = (*one)->deployment.numbers[axes[i]], b = (*other)->deployment.numbers[axes[i]];
        if (a < b || a > b)
            return a < b ? -1 : 1;
    }
    return 0;
}

/* How many from the first on are at one place. */
static size_t run_length(struct wci_site *const *order, size_t count, compare_fn *compare)
{
    size_t length = 1;
    bool is_alone = compare == compare_locations && !is_named(order[0]);
    while (!is_alone && length < count && compare(&order[0], &order[length]) == 0)
        length++;
    return length;
}

static double radius_of(const struct wci_site *site)
{
    double radius = site->deployment.numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS];
    return radius > 0 ? radius : 0;
}

/* What one deployment hides, another one at its place must not tell. */
static bool spread_radius(struct wci_site **order, size_t count, compare_fn *compare)
{
    bool has_changed = false;
    qsort(order, count, sizeof *order, compare);
    for (size_t at = 0, length; at < count; at += length) {
        double most = 0;
        length = run_length(order + at, count - at, compare);
        for (size_t i = 0; i < length; i++)
            most = fmax(most, radius_of(order[at + i]));
        for (size_t i = 0; i < length; i++) {
            has_changed |= radius_of(order[at + i]) < most;
            if (most > 0)
                order[at + i]->deployment.numbers[WILDCAM_DEPLOYMENT_PRIVACY_RADIUS] = most;
        }
    }
    return has_changed;
}

/* Metres, along the surface, of places that are near each other. */
static double distance(const double *from, const double *to)
{
    double north = to[axes[0]] - from[axes[0]], east = to[axes[1]] - from[axes[1]];
    return hypot(north, east * cos(from[axes[0]] * acos(-1) / 180)) * WCI_METRES_PER_DEGREE;
}

static void widen(double *numbers, double metres)
{
    double *uncertainty = &numbers[WILDCAM_DEPLOYMENT_UNCERTAINTY];
    *uncertainty = ceil((isnan(*uncertainty) ? GPS_UNCERTAINTY : *uncertainty) + metres);
}

/* Brings all deployments of a location to the place of one of them: always the same one, so that
 * several exports tell no more than one. */
static void unite(struct wci_site **order, size_t count)
{
    const struct wci_site *first = order[0];
    for (size_t i = 1; i < count; i++)
        if (compare_coordinates(&order[i], &first) < 0)
            first = order[i];
    for (size_t i = 0; i < count; i++) {
        double *to = order[i]->deployment.numbers;
        const double *from = first->deployment.numbers;
        if (compare_coordinates(&order[i], &first) == 0)
            continue;
        widen(to, distance(to, from));
        for (size_t axis = 0; axis < 2; axis++)
            to[axes[axis]] = from[axes[axis]];
    }
}

static void round_place(double *numbers, double scale)
{
    bool has_moved = false;
    double *uncertainty = &numbers[WILDCAM_DEPLOYMENT_UNCERTAINTY];
    double least = ceil(DEGREE_DIAGONAL / scale + GPS_UNCERTAINTY);
    for (size_t axis = 0; axis < 2; axis++) {
        double rounded = round(numbers[axes[axis]] * scale) / scale;
        has_moved |= rounded < numbers[axes[axis]] || rounded > numbers[axes[axis]];
        numbers[axes[axis]] = rounded;
    }
    if (has_moved)
        widen(numbers, DEGREE_DIAGONAL / scale);
    *uncertainty = fmax(*uncertainty, least); /* also of one that is not known */
}

static void settle(struct wci_site **order, size_t count, int decimals)
{
    for (bool again = true; again;) {
        again = spread_radius(order, count, compare_coordinates);
        again |= spread_radius(order, count, compare_locations);
    }
    for (size_t at = 0, length; at < count; at += length) {
        length = run_length(order + at, count - at, compare_locations);
        if (decimals >= 0 || radius_of(order[at]) > 0)
            unite(order + at, length);
    }
    for (size_t i = 0; i < count; i++) {
        wci_deployment_blur(&order[i]->deployment);
        if (decimals >= 0)
            round_place(order[i]->deployment.numbers, pow(10, decimals));
    }
}

wildcam_status wci_sites_hide(struct wci_sites *places, int decimals)
{
    size_t count = 0;
    struct wci_site **order = wci_new_array(places->count + 1, sizeof *order);
    if (!order)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < places->count; i++)
        if (!places->list[i].is_nowhere)
            order[count++] = &places->list[i];
    if (count)
        settle(order, count, decimals);
    free(order);
    return WILDCAM_OK;
}

double wci_sites_precision(const struct wci_sites *places, int decimals)
{
    double least = decimals >= 0 ? pow(10, -decimals) : 0;
    for (size_t i = 0; i < places->count; i++)
        if (!places->list[i].is_nowhere)
            least = fmax(least, wci_place_step(radius_of(&places->list[i])));
    return round(least * 1e6) / 1e6; /* as the places themselves */
}
