/* datapackage.json and deployments.csv: what is known once all pictures were gone through. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/json_read.h"
#include "station/camtrapdp_export.h"

enum { PROJECT_MAX = 16 << 20 };

/* ---- What the caller says of his project ---- */

void wci_camtrapdp_note_source(struct wci_camtrapdp_export *export, const json_t *kept)
{
    int64_t source = wci_cells_kept_import(kept);
    if (source == 0 || (export->source != 0 && export->source != source))
        source = -1; /* of several packages none speaks for all */
    export->source = source;
}

struct search {
    int64_t import_id; /* 0 for any */
    json_t *document;
};

static wildcam_status take_document(void *user, const struct wci_import *import)
{
    struct search *search = user;
    if (search->document || (search->import_id != 0 && search->import_id != import->id))
        return WILDCAM_OK;
    search->document = json_loads(import->document, 0, NULL);
    return search->document ? WILDCAM_OK : wci_fail_memory();
}

static wildcam_status read_file(const char *path, json_t **project)
{
    char *text;
    size_t size;
    json_error_t error;
    wildcam_status status = wci_file_load(path, PROJECT_MAX, &text, &size);
    if (status != WILDCAM_OK)
        return status;
    status = wci_json_read(text, size, project, &error);
    free(text);
    if (status == WILDCAM_ERR_INVALID)
        return wci_fail(status, "%.300s, line %d: %s", path, error.line, error.text);
    if (status == WILDCAM_OK && !json_is_object(*project))
        return wci_fail(WILDCAM_ERR_INVALID, "%.300s holds no JSON object", path);
    return status;
}

/* "NAME <ADDRESS>" as a contributor. */
static json_t *read_contact(const char *contact)
{
    const char *open = strchr(contact, '<'), *close = open ? strchr(open, '>') : NULL;
    size_t length = open ? (size_t)(open - contact) : strlen(contact);
    while (length > 0 && contact[length - 1] == ' ')
        length--;
    json_t *person = json_pack("{s:s%, s:s}", "title", contact, length, "role", "contact");
    if (person && close)
        json_object_set_new(person, "email", json_stringn(open + 1, (size_t)(close - open - 1)));
    return person;
}

static wildcam_status set_member(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0 ? WILDCAM_OK : wci_fail_memory();
}

/* What is said nowhere has a default where one is honest, and is asked for where none is. */
static wildcam_status settle_project(struct wci_camtrapdp_export *export, json_t *package)
{
    const struct wci_exchange_options *options = &export->exchange->options;
    const char *title = wci_exchange_text(options, WCI_EXCHANGE_TITLE);
    const char *contact = wci_exchange_text(options, WCI_EXCHANGE_CONTACT);
    const char *design = wci_exchange_text(options, WCI_EXCHANGE_DESIGN);
    json_t *project = json_object_get(package, "project");
    wildcam_status status = WILDCAM_OK;
    if (!json_is_object(project)) {
        status = set_member(package, "project", json_object());
        project = json_object_get(package, "project");
    }
    if (status == WILDCAM_OK && *title)
        status = set_member(package, "title", json_string(title));
    if (status == WILDCAM_OK && (*title || !json_object_get(project, "title")))
        status = set_member(project, "title", json_string(*title ? title : "Wildlife cameras"));
    if (status == WILDCAM_OK && (*design || !json_object_get(project, "samplingDesign")))
        status = set_member(project, "samplingDesign",
                            json_string(*design ? design : "opportunistic"));
    if (status == WILDCAM_OK && !json_object_get(project, "individualAnimals"))
        status = set_member(project, "individualAnimals", json_false());
    if (status == WILDCAM_OK && *contact) {
        json_t *person = read_contact(contact);
        status = person ? set_member(package, "contributors", json_pack("[o]", person))
                        : wci_fail_memory();
    }
    return status;
}

static wildcam_status check_word(const char *member, const char *word, const char *const *words)
{
    struct wci_text all = {0};
    for (size_t i = 0; words[i]; i++) {
        if (word && strcmp(words[i], word) == 0) {
            wci_text_free(&all);
            return WILDCAM_OK;
        }
        wci_text_add_format(&all, "%s%s", i ? ", " : "", words[i]);
    }
    wildcam_status status = wci_fail(WILDCAM_ERR_INVALID, "%s is one of %s, not \"%.60s\"", member,
                                     wci_text_get(&all), word ? word : "");
    wci_text_free(&all);
    return status;
}

static wildcam_status check_project(const json_t *package)
{
    static const char *const designs[] = {"simpleRandom",
                                          "systematicRandom",
                                          "clusteredRandom",
                                          "experimental",
                                          "targeted",
                                          "opportunistic",
                                          NULL};
    const json_t *licenses = json_object_get(package, "licenses");
    const json_t *project = json_object_get(package, "project");
    const json_t *contributors = json_object_get(package, "contributors");
    bool has_scopes[2] = {false, false};
    for (size_t i = 0; i < json_array_size(licenses); i++) {
        const char *scope =
            json_string_value(json_object_get(json_array_get(licenses, i), "scope"));
        has_scopes[0] |= scope && strcmp(scope, "data") == 0;
        has_scopes[1] |= scope && strcmp(scope, "media") == 0;
    }
    if (!json_array_size(contributors))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "a package needs contributors: name a contact, or contributors in the "
                        "project's file");
    for (size_t i = 0; i < json_array_size(contributors); i++)
        if (!json_string_value(json_object_get(json_array_get(contributors, i), "title")))
            return wci_fail(WILDCAM_ERR_INVALID, "contributor %zu has no title", i + 1);
    if (licenses && !(has_scopes[0] && has_scopes[1]))
        return wci_fail(WILDCAM_ERR_INVALID,
                        "licenses are two at least, one with the scope data and one with media");
    return check_word("project.samplingDesign",
                      json_string_value(json_object_get(project, "samplingDesign")), designs);
}

wildcam_status wci_camtrapdp_read_project(struct wci_camtrapdp_export *export, int64_t import_id,
                                          json_t **project)
{
    const struct wci_store *store = &export->exchange->station->store;
    const char *path = wci_exchange_text(&export->exchange->options, WCI_EXCHANGE_PROJECT);
    struct search search = {import_id, NULL};
    json_t *given = NULL;
    wildcam_status status = store->ops->each_import(store->backend, "camtrapdp", take_document,
                                                    &search);
    *project = search.document ? search.document : json_object();
    if (status == WILDCAM_OK && !*project)
        status = wci_fail_memory();
    if (status == WILDCAM_OK && *path)
        status = read_file(path, &given);
    if (status == WILDCAM_OK && given && json_object_update(*project, given) != 0)
        status = wci_fail_memory();
    json_decref(given);
    if (status == WILDCAM_OK)
        status = settle_project(export, *project);
    return status == WILDCAM_OK ? check_project(*project) : status;
}

/* ---- deployments.csv ---- */

static void note_deployment(struct wci_camtrapdp_export *export, const struct wci_site *place)
{
    json_t *kept = NULL;
    if (place->is_made_up) /* its pictures were noted */
        return;
    kept = wci_cells_kept(wci_text_get(&place->deployment.texts[WILDCAM_DEPLOYMENT_EXTRA]),
                          &export->exchange->is_short);
    wci_camtrapdp_note_source(export, kept);
    json_decref(kept);
}

wildcam_status wci_camtrapdp_write_deployments(struct wci_camtrapdp_export *export)
{
    char path[WCI_PATH];
    struct wci_sink sink;
    const struct wci_table *table = &wci_camtrapdp_deployments;
    wildcam_status status = wci_path(path, "%s/deployments.csv%s", export->directory,
                                     export->is_gzip ? ".gz" : "");
    if (status == WILDCAM_OK)
        status = wci_sink_open(&sink, path, export->is_gzip);
    if (status != WILDCAM_OK)
        return status;
    status = wci_sites_hide(&export->places,
                            wci_exchange_int(&export->exchange->options, WCI_EXCHANGE_DECIMALS));
    wci_camtrapdp_put_names(table, &sink.buffer);
    for (size_t i = 0; status == WILDCAM_OK && i < export->places.count; i++) {
        if (export->places.list[i].is_nowhere)
            continue;
        note_deployment(export, &export->places.list[i]);
        wci_sites_fill(&export->places, &export->places.list[i], &export->cells);
        wci_camtrapdp_put_row(table, &export->cells, &sink.buffer);
        export->exchange->figures[WILDCAM_EXCHANGE_DEPLOYMENTS]++;
        status = wci_sink_spill(&sink);
    }
    if (status == WILDCAM_OK)
        return wci_sink_finish(&sink);
    wci_sink_abort(&sink);
    return status;
}

/* ---- datapackage.json ---- */

static json_t *resource(const struct wci_camtrapdp_export *export, const char *name)
{
    char path[64], schema[200];
    snprintf(path, sizeof path, "%s.csv%s", name, export->is_gzip ? ".gz" : "");
    snprintf(schema, sizeof schema, WCI_CAMTRAPDP_SCHEMAS "%s-table-schema.json", name);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", name, "path", path, "profile",
                     "tabular-data-resource", "format", "csv", "mediatype", "text/csv", "encoding",
                     "utf-8", "schema", schema);
}

/* Spans in which a camera saw nothing, as a table of our own: the schema has no place for them. */
static json_t *failures(const struct wci_sites *places)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < places->count; i++) {
        const wildcam_deployment *deployment = &places->list[i].deployment;
        size_t count = places->list[i].is_nowhere ? 0 : deployment->failure_count;
        for (size_t k = 0; k < count; k++) {
            const struct wci_failure *failure = &deployment->failures[k];
            struct wci_cells times = {0};
            wci_cells_set_time(&times, 0, failure->from, deployment->offset);
            wci_cells_set_time(&times, 1, failure->to, deployment->offset);
            json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s}", "deploymentID",
                                                  wci_text_get(&places->list[i].id), "failureStart",
                                                  wci_text_get(&times.values[0]), "failureEnd",
                                                  wci_text_get(&times.values[1]), "reason",
                                                  wci_text_get(&failure->reason)));
            wci_cells_free(&times);
        }
    }
    return rows;
}

static bool is_own(const char *name)
{
    return strcmp(name, "deployments") == 0 || strcmp(name, "media") == 0 ||
           strcmp(name, "observations") == 0 || strcmp(name, "deployment-failures") == 0;
}

/* Tables of a package's own go on when they stand in the description itself. */
static void add_others(struct wci_camtrapdp_export *export, json_t *resources,
                       const json_t *package)
{
    const json_t *others = json_object_get(package, "resources");
    for (size_t i = 0; i < json_array_size(others); i++) {
        json_t *other = json_array_get(others, i);
        const char *name = json_string_value(json_object_get(other, "name"));
        if (!name || is_own(name))
            continue;
        if (json_object_get(other, "data"))
            json_array_append(resources, other);
        else
            wci_exchange_remark(export->exchange,
                                "the table %.100s of the package that was imported is a file, "
                                "which is not kept: it is left out",
                                name);
    }
}

static json_t *list_resources(struct wci_camtrapdp_export *export, const json_t *package)
{
    json_t *resources = json_array(), *gaps = failures(&export->places);
    json_array_append_new(resources, resource(export, "deployments"));
    json_array_append_new(resources, resource(export, "media"));
    json_array_append_new(resources, resource(export, "observations"));
    if (json_array_size(gaps))
        json_array_append_new(
            resources,
            json_pack("{s:s, s:s, s:O}", "name", "deployment-failures", "description",
                      "Spans in which a deployment's camera saw nothing.", "data", gaps));
    json_decref(gaps);
    add_others(export, resources, package);
    return resources;
}

/* The rectangle around all places, as it is drawn against the clock's hand. */
static json_t *rectangle(const struct wci_sites *places)
{
    double west = 180, east = -180, south = 90, north = -90;
    for (size_t i = 0; i < places->count; i++) {
        const double *at = places->list[i].deployment.numbers;
        if (places->list[i].is_nowhere)
            continue;
        west = fmin(west, at[WILDCAM_DEPLOYMENT_LONGITUDE]);
        east = fmax(east, at[WILDCAM_DEPLOYMENT_LONGITUDE]);
        south = fmin(south, at[WILDCAM_DEPLOYMENT_LATITUDE]);
        north = fmax(north, at[WILDCAM_DEPLOYMENT_LATITUDE]);
    }
    return json_pack("{s:s, s:[[[f,f],[f,f],[f,f],[f,f],[f,f]]]}", "type", "Polygon", "coordinates",
                     west, south, east, south, east, north, west, north, west, south);
}

/* Dates as the cameras' clocks had them. */
static json_t *span(struct wci_camtrapdp_export *export)
{
    char start[16] = "9999", end[16] = "";
    for (size_t i = 0; i < export->places.count; i++) {
        if (export->places.list[i].is_nowhere)
            continue;
        wci_sites_fill(&export->places, &export->places.list[i], &export->cells);
        const char *from = wci_text_get(&export->cells.values[WCI_DEP_deploymentStart]);
        const char *to = wci_text_get(&export->cells.values[WCI_DEP_deploymentEnd]);
        if (strncmp(from, start, 10) < 0)
            snprintf(start, sizeof start, "%.10s", from);
        if (strncmp(to, end, 10) > 0)
            snprintf(end, sizeof end, "%.10s", to);
    }
    return json_pack("{s:s, s:s}", "start", start, "end", end);
}

/* All that was seen, each with what an earlier package said of it. */
static json_t *list_taxa(const struct wci_camtrapdp_export *export, const json_t *package)
{
    json_t *list = json_array();
    const json_t *before = json_object_get(package, "taxonomic");
    const char *name;
    json_t *nothing;
    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *taxon = json_array_get(before, i);
        const char *known = json_string_value(json_object_get(taxon, "scientificName"));
        if (known && json_object_get(export->taxa, known)) {
            json_array_append(list, taxon);
            json_object_del(export->taxa, known);
        }
    }
    json_object_foreach (export->taxa, name, nothing)
        json_array_append_new(list, json_pack("{s:s}", "scientificName", name));
    return list;
}

static json_t *list_captures(const struct wci_camtrapdp_export *export, const json_t *project)
{
    json_t *before = json_object_get(project, "captureMethod");
    json_t *list = json_array();
    if (json_array_size(before)) {
        json_decref(list);
        return json_incref(before);
    }
    if (export->has_capture[0] || !export->has_capture[1])
        json_array_append_new(list, json_string("activityDetection"));
    if (export->has_capture[1])
        json_array_append_new(list, json_string("timeLapse"));
    return list;
}

static wildcam_status settle_package(struct wci_camtrapdp_export *export, json_t *package)
{
    json_t *project = json_object_get(package, "project");
    const json_t *said = json_object_get(package, "coordinatePrecision");
    struct wci_cells now = {0};
    double precision = wci_sites_precision(
        &export->places, wci_exchange_int(&export->exchange->options, WCI_EXCHANGE_DECIMALS));
    json_t *resources = list_resources(export, package);
    wildcam_status status = set_member(package, "resources", resources);
    if (status == WILDCAM_OK)
        status = set_member(package, "profile",
                            json_string(WCI_CAMTRAPDP_SCHEMAS "camtrap-dp-profile.json"));
    wci_cells_set_time(&now, 0, wci_calendar_now(), 0);
    if (status == WILDCAM_OK)
        status = set_member(package, "created", json_string(wci_text_get(&now.values[0])));
    wci_cells_free(&now);
    if (status == WILDCAM_OK)
        status = set_member(package, "spatial", rectangle(&export->places));
    if (status == WILDCAM_OK)
        status = set_member(package, "temporal", span(export));
    if (status == WILDCAM_OK)
        status = set_member(package, "taxonomic", list_taxa(export, package));
    if (status == WILDCAM_OK && precision > json_number_value(said))
        status = set_member(package, "coordinatePrecision", json_real(precision));
    if (status == WILDCAM_OK)
        status = set_member(project, "captureMethod", list_captures(export, project));
    if (status == WILDCAM_OK)
        status = set_member(project, "observationLevel",
                            export->exchange->figures[WILDCAM_EXCHANGE_EVENT_OBSERVATIONS]
                                ? json_pack("[s, s]", "media", "event")
                                : json_pack("[s]", "media"));
    return status;
}

wildcam_status wci_camtrapdp_write_package(struct wci_camtrapdp_export *export, json_t *project)
{
    char path[WCI_PATH];
    wildcam_status status = settle_package(export, project);
    if (status == WILDCAM_OK)
        status = wci_path(path, "%s/datapackage.json", export->directory);
    if (status != WILDCAM_OK)
        return status;
    char *text = json_dumps(project, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    status = text ? wci_file_replace(path, text, strlen(text)) : wci_fail_memory();
    free(text);
    return status;
}
