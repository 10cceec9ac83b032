/* Detections: categories and species, boxes, copies, and their JSON. */
#include "model/detection.h"

#include <jansson.h>
#include <math.h>

#include <wildcam/time.h>

#include "unit.h"

START_TEST(finds_categories)
{
    static const struct {
        const char *word;
        int category;
    } words[] = {
        {"unclassified", WILDCAM_CATEGORY_UNCLASSIFIED},
        {"Animal", WILDCAM_CATEGORY_ANIMAL},
        {"HUMAN", WILDCAM_CATEGORY_HUMAN},
        {"person", WILDCAM_CATEGORY_HUMAN},
        {"People", WILDCAM_CATEGORY_HUMAN},
        {"man", WILDCAM_CATEGORY_HUMAN},
        {"Homo sapiens", WILDCAM_CATEGORY_HUMAN},
        {"990ae9dd-7a59-4344-afcb-1b7b21368000;mammalia;primates;hominidae;homo;sapiens;human",
         WILDCAM_CATEGORY_HUMAN},
        {"990ae9dd;Mammalia;Primates;Hominidae;Homo;;homo species", WILDCAM_CATEGORY_HUMAN},
        {"e2895ed5-780b-48f6-8a11-9e27cb594511;;;;;;vehicle", WILDCAM_CATEGORY_VEHICLE},
        {"f1856211-cfb7-4a5b-9158-c0f72fd09ee6;;;;;;blank", WILDCAM_CATEGORY_BLANK},
        {"1f689929-883d-4dae-958c-3d57ab5b6c16;;;;;;animal", WILDCAM_CATEGORY_ANIMAL},
        {"f2efdae9;no cv result;no cv result;no cv result;no cv result;no cv result;no cv result",
         WILDCAM_CATEGORY_UNKNOWN},
        {"5a565886;mammalia;carnivora;canidae;vulpes;vulpes;red fox", -1},
        {"human;fox", -1},
        {"man of war", -1},
        {"vehicle", WILDCAM_CATEGORY_VEHICLE},
        {"blank", WILDCAM_CATEGORY_BLANK},
        {"Empty", WILDCAM_CATEGORY_BLANK},
        {"unknown", WILDCAM_CATEGORY_UNKNOWN},
        {"animals", -1},
        {"", -1},
        {"fox", -1},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(wci_category_find(words[i].word) == words[i].category, "%s", words[i].word);
    for (int i = 0; i <= WILDCAM_CATEGORY_UNKNOWN; i++)
        ck_assert_int_eq(wci_category_find(wci_category_name(i)), i);
    ck_assert_str_eq(wci_category_name(-1), "unknown");
    ck_assert_str_eq(wci_category_name(1000), "unknown");
}
END_TEST

static const struct {
    const char *named;
    int wanted, category;
    const char *species;
} settlements[] = {
    {"", -1, WILDCAM_CATEGORY_UNCLASSIFIED, "unclassified"},
    {"", WILDCAM_CATEGORY_BLANK, WILDCAM_CATEGORY_BLANK, "blank"},
    {"Person", -1, WILDCAM_CATEGORY_HUMAN, "human"},
    {"empty", -1, WILDCAM_CATEGORY_BLANK, "blank"},
    {"Vulpes vulpes", -1, WILDCAM_CATEGORY_ANIMAL, "Vulpes vulpes"},
    {"Tractor", WILDCAM_CATEGORY_VEHICLE, WILDCAM_CATEGORY_VEHICLE, "Tractor"},
    {"human", WILDCAM_CATEGORY_ANIMAL, WILDCAM_CATEGORY_HUMAN, "human"},
    {"Homo sapiens", WILDCAM_CATEGORY_ANIMAL, WILDCAM_CATEGORY_HUMAN, "human"},
};

START_TEST(settles_the_species)
{
    wildcam_detection draft;
    int category;
    const char *species;
    wci_detection_init(&draft);
    draft.category = settlements[_i].wanted;
    assert_done(wci_text_set(&draft.species, settlements[_i].named, strlen(settlements[_i].named)));
    wci_detection_settle(&draft, &category, &species);
    ck_assert_int_eq(category, settlements[_i].category);
    ck_assert_str_eq(species, settlements[_i].species);
    wci_detection_release(&draft);
}
END_TEST

static const struct {
    wildcam_box given, kept;
} boxes[] = {
    {{0, 0, 1, 1}, {0, 0, 1, 1}},
    {{0.25, 0.5, 0.25, 0.25}, {0.25, 0.5, 0.25, 0.25}},
    {{0.1, 0.2, 0.3, 0.4}, {0.1, 0.2, 0.3, 0.4}}, /* to the last bit */
    {{-0.25, -0.5, 0.5, 1}, {0, 0, 0.25, 0.5}},
    {{0.75, 0.5, 0.5, 1}, {0.75, 0.5, 0.25, 0.5}},
    {{-1, -1, 2, 2}, {0, 0, 1, 1}},
    {{-0.5, 0.25, 2, 0.5}, {0, 0.25, 1, 0.5}},
};

START_TEST(cuts_boxes_to_the_picture)
{
    wildcam_detection detection;
    wci_detection_init(&detection);
    assert_done(wci_detection_set_box(&detection, &boxes[_i].given));
    ck_assert(detection.has_box);
    ck_assert(memcmp(&detection.box, &boxes[_i].kept, sizeof detection.box) == 0);
    assert_done(wci_detection_set_box(&detection, NULL));
    ck_assert(!detection.has_box);
    wci_detection_release(&detection);
}
END_TEST

static const wildcam_box no_boxes[] = {
    {100, 100, 50, 50},      {0, 0, 2.1, 1},       {0, 0, 1, 2.1},   {-1.1, 0, 1, 1},
    {0, -1.1, 1, 1},         {NAN, 0, 1, 1},       {0, NAN, 1, 1},   {0, 0, NAN, 1},
    {0, 0, 1, INFINITY},     {0, 0, 0, 1},         {0, 0, 1, 0},     {0.5, 0.5, -0.25, 0.25},
    {0.5, 0.5, 0.25, -0.25}, {1, 0, 0.5, 0.5},     {0, 1, 0.5, 0.5}, {-0.5, 0, 0.5, 0.5},
    {1.5, 0, 0.25, 0.25},    {0, -0.5, 0.5, 0.25},
};

START_TEST(refuses_boxes)
{
    static const wildcam_box before = {0.5, 0.5, 0.5, 0.5};
    wildcam_detection detection;
    wci_detection_init(&detection);
    assert_done(wci_detection_set_box(&detection, &before));
    assert_fails(WILDCAM_ERR_INVALID, "bbox", wci_detection_set_box(&detection, &no_boxes[_i]));
    ck_assert(detection.has_box && memcmp(&detection.box, &before, sizeof before) == 0);
    wci_detection_release(&detection);
}
END_TEST

static void fill(wildcam_detection *detection)
{
    static const wildcam_box box = {0.1, 0.2, 0.3, 0.4};
    wci_detection_init(detection);
    detection->id = INT64_C(3700000000000000);
    detection->camera_id = 3;
    detection->image_id = INT64_C(3700000000000001);
    detection->time = INT64_C(1764115200000000);
    detection->offset = -3600;
    detection->time_source = WILDCAM_TIME_SOURCE_CLIENT;
    detection->category = WILDCAM_CATEGORY_ANIMAL;
    detection->confidence = 0.875;
    detection->verified = 1;
    detection->verified_at = INT64_C(1764201600000000);
    assert_done(wci_detection_set_box(detection, &box));
    assert_done(wci_text_set(&detection->device_id, "cam-1", 5));
    assert_done(wci_text_set(&detection->species, "Vulpes vulpes", 13));
    assert_done(wci_text_set(&detection->metadata, "{\"weather\":\"rain\"}", 18));
    assert_done(wci_text_set(&detection->detector, "megadetector", 12));
    assert_done(wci_text_set(&detection->detector_version, "5a", 2));
    assert_done(wci_text_set(&detection->detected_species, "Canis", 5));
    assert_done(wci_text_set(&detection->verified_species, "Vulpes vulpes", 13));
    assert_done(wci_text_set(&detection->notes, "two\nlines", 9));
    assert_done(wci_text_set(&detection->verified_by, "eva", 3));
}

static char *as_text(const wildcam_detection *detection)
{
    struct wci_text text = {0};
    struct wci_json json = {&text, false};
    wci_detection_write_json(detection, &json);
    return wci_text_take(&text);
}

START_TEST(writes_what_it_knows)
{
    wildcam_detection detection;
    fill(&detection);
    char *text = as_text(&detection);
    ck_assert_str_eq(
        text, "{\"id\":3700000000000000,\"camera_id\":3,\"device_id\":\"cam-1\","
              "\"image_id\":3700000000000001,\"event_id\":null,\"detection_timestamp\":\"2025-11-"
              "25T23:00:00-01:00\","
              "\"timestamp\":\"2025-11-25T23:00:00-01:00\",\"utc_offset\":-3600,"
              "\"time_source\":\"client\",\"clock_timestamp\":null,\"category\":\"animal\","
              "\"species\":\"Vulpes vulpes\","
              "\"detected_species\":\"Canis\",\"confidence\":0.875,\"confidence_score\":0.875,"
              "\"bounding_box\":{\"x\":0.1,\"y\":0.2,\"width\":0.3,\"height\":0.4},"
              "\"detector\":\"megadetector\",\"detector_version\":\"5a\",\"verified\":true,"
              "\"verified_species\":\"Vulpes vulpes\",\"is_false_positive\":false,"
              "\"verified_by\":\"eva\",\"verification_notes\":\"two\\nlines\","
              "\"verification_timestamp\":\"2025-11-27T00:00:00+00:00\","
              "\"metadata\":{\"weather\":\"rain\"}}");
    free(text);
    wci_detection_release(&detection);
}
END_TEST

START_TEST(writes_what_it_does_not_know_as_null)
{
    static const char *const keys[] = {
        "device_id",        "image_id",    "detection_timestamp", "timestamp",
        "utc_offset",       "confidence",  "confidence_score",    "bounding_box",
        "verified_species", "verified_by", "verification_notes",  "verification_timestamp",
        "metadata",         "detector",    "detector_version",
    };
    wildcam_detection detection;
    json_error_t error;
    wci_detection_init(&detection);
    char *text = as_text(&detection);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s: %s", text, error.text);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        ck_assert_msg(json_is_null(json_object_get(json, keys[i])), "%s", keys[i]);
    ck_assert_str_eq(json_string_value(json_object_get(json, "time_source")), "unknown");
    ck_assert_str_eq(json_string_value(json_object_get(json, "category")), "unclassified");
    ck_assert_str_eq(json_string_value(json_object_get(json, "species")), "unclassified");
    ck_assert_str_eq(json_string_value(json_object_get(json, "detected_species")), "unclassified");
    json_decref(json);
    free(text);
    wci_detection_release(&detection);
}
END_TEST

START_TEST(copies_are_apart)
{
    wildcam_detection detection, copy;
    fill(&detection);
    char *before = as_text(&detection);
    assert_done(wci_detection_copy(&copy, &detection));
    wci_detection_reset(&detection);
    char *after = as_text(&copy);
    ck_assert_str_eq(after, before);
    wci_detection_release(&detection);
    wci_detection_release(&copy);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_reset_one_is_as_new)
{
    wildcam_detection detection, fresh;
    fill(&detection);
    detection.set = WCI_SET_NOTES;
    detection.false_positive = 1;
    wci_detection_reset(&detection);
    wci_detection_init(&fresh);
    char *text = as_text(&detection), *wanted = as_text(&fresh);
    ck_assert_str_eq(text, wanted);
    ck_assert_uint_eq(detection.set, 0);
    ck_assert_int_eq(detection.category, -1);
    free(text);
    free(wanted);
    wci_detection_release(&detection);
    wci_detection_release(&fresh);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("detection");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, finds_categories);
    tcase_add_loop_test(all, settles_the_species, 0, sizeof settlements / sizeof settlements[0]);
    tcase_add_loop_test(all, cuts_boxes_to_the_picture, 0, sizeof boxes / sizeof boxes[0]);
    tcase_add_loop_test(all, refuses_boxes, 0, sizeof no_boxes / sizeof no_boxes[0]);
    tcase_add_test(all, writes_what_it_knows);
    tcase_add_test(all, writes_what_it_does_not_know_as_null);
    tcase_add_test(all, copies_are_apart);
    tcase_add_test(all, a_reset_one_is_as_new);
    return suite;
}
