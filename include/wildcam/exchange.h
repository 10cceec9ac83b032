/**
 * @file exchange.h
 * Taking in what other programs know of pictures, and handing on what a station knows.
 *
 * An exchange is one such job: its options, whom it tells of its progress and of what it left out,
 * and, once it has run, its figures. Everything streams: a package with a million pictures takes
 * the memory of a few, and 16 bytes for each id.
 *
 * | format         | import                                  | export                            |
 * |----------------|-----------------------------------------|-----------------------------------|
 * | `megadetector` | a result file, format 1.0 to 1.6        | a result file, format 1.6         |
 * | `camtrapdp`    | a Camtrap DP 1.0 package: its directory | a Camtrap DP 1.0.2 package        |
 * | `csv`          |                                         | one row for each detection        |
 */
#ifndef WILDCAM_EXCHANGE_H
#define WILDCAM_EXCHANGE_H

#include <stdint.h>

#include <wildcam/query.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One import or export. */
typedef struct wildcam_exchange wildcam_exchange;

/**
 * The one list of an exchange's options: X(NAME, name, kind, default, text). A kind is `TEXT`,
 * `FLAG` ("true" or "false"), `REAL` or `INT`; "" means that it is not set.
 */
#define WILDCAM_EXCHANGE_OPTIONS(X)                                                                \
    X(BASE, base, TEXT, "",                                                                        \
      "megadetector import: the directory that the file's paths begin in; pictures that the "      \
      "station does not have yet are taken in from there")                                         \
    X(CAMERA, camera, TEXT, "",                                                                    \
      "megadetector import: the device_id of the camera that took all of the pictures")            \
    X(THRESHOLD, threshold, REAL, "0",                                                             \
      "detections that are less sure than this are left out, 0 to 1; a person's word is sure. "    \
      "megadetector import: of people, and of what nobody can name, only those that are less "     \
      "sure than `privacy.confidence`, too")                                                       \
    X(SPECIES_THRESHOLD, species_threshold, REAL, "0.5",                                           \
      "megadetector import: the best classification names the species if it is at least so sure, " \
      "0 to 1")                                                                                    \
    X(DRY_RUN, dry_run, FLAG, "false", "import: only tells what would be taken in")                \
    X(PICTURES, pictures, FLAG, "false",                                                           \
      "camtrapdp export: copies of the pictures go with it, without place and serial number, "     \
      "people on them beyond recognition or, where `privacy.humans` says hide, without those")     \
    X(GZIP, gzip, FLAG, "false", "camtrapdp export: the tables are compressed")                    \
    X(HUMANS, humans, FLAG, "true",                                                                \
      "camtrapdp export: pictures that show people are in it; they are never public")              \
    X(EVENTS, events, FLAG, "true",                                                                \
      "camtrapdp export: with observations of whole events, beside those of pictures")             \
    X(DECIMALS, decimals, INT, "",                                                                 \
      "camtrapdp export: places are rounded to so many decimals, 0 to 6, all deployments of a "    \
      "location alike")                                                                            \
    X(PROJECT, project, TEXT, "",                                                                  \
      "camtrapdp export: a JSON file with members of datapackage.json, such as contributors, "     \
      "project and licenses")                                                                      \
    X(TITLE, title, TEXT, "", "camtrapdp export: what project and package are called")             \
    X(CONTACT, contact, TEXT, "",                                                                  \
      "camtrapdp export: who answers questions about it, as NAME or NAME <ADDRESS>")               \
    X(DESIGN, sampling_design, TEXT, "",                                                           \
      "camtrapdp export: simpleRandom, systematicRandom, clusteredRandom, experimental, "          \
      "targeted or opportunistic")

/**
 * The one list of an exchange's figures: X(NAME, value, text).
 */
#define WILDCAM_EXCHANGE_FIGURES(X)                                                                \
    X(PICTURES, 0, "pictures")          /* that were gone through, or written */                   \
    X(ADDED, 1, "added")                /* that the station did not have */                        \
    X(KNOWN, 2, "known")                /* that it had */                                          \
    X(UNMATCHED, 3, "unmatched")        /* of which it has none, or several, of that name */       \
    X(FAILED, 4, "failed")              /* that could not be taken in or written */                \
    X(UNPROCESSED, 5, "unprocessed")    /* on which no detector could look */                      \
    X(ELSEWHERE, 6, "elsewhere")        /* whose file is not in the package */                     \
    X(DETECTIONS, 7, "detections")      /* that were kept or written */                            \
    X(REVIEWED, 8, "reviewed")          /* pictures left alone: a person has looked at them */     \
    X(BELOW, 9, "below_threshold")      /* detections */                                           \
    X(CLAMPED, 10, "clamped")           /* numbers that reached over their range */                \
    X(UNLISTED, 11, "unlisted")         /* detections of a category that the file lacks */         \
    X(LEFT_OUT, 12, "left_out")         /* rows and detections that say nothing usable */          \
    X(REPAIRS, 13, "repairs")           /* places where the file was no strict JSON */             \
    X(WITHOUT_TIME, 14, "without_time") /* pictures left out: nobody knows when they were taken */ \
    X(WITHOUT_ZONE, 15, "without_zone") /* pictures whose offset from UTC is taken as 0 */         \
    X(DEPLOYMENTS, 16, "deployments")                                                              \
    X(MADE_UP, 17, "made_up") /* deployments that nobody entered */                                \
    X(EVENT_OBSERVATIONS, 18, "event_observations")                                                \
    X(ORPHANS, 19, "orphans") /* rows that name a row that is not there */                         \
    X(HUMANS_LEFT_OUT, 20, "humans_left_out")                                                      \
    X(COPIED, 21, "copied")               /* pictures' files */                                    \
    X(WITHOUT_PLACE, 22, "without_place") /* pictures left out: nobody knows where */

/** The figures of an exchange: `WILDCAM_EXCHANGE_PICTURES` and so on, from the list above. */
enum {
#define WILDCAM_EXCHANGE_VALUE(name, value, text) WILDCAM_EXCHANGE_##name = (value),
    WILDCAM_EXCHANGE_FIGURES(WILDCAM_EXCHANGE_VALUE)
#undef WILDCAM_EXCHANGE_VALUE
};

/**
 * Takes one note of an exchange: something that was left out, repaired or made up. It runs on the
 * caller's thread, under no lock, and must not call back into the library.
 *
 * @param user   what was given beside it.
 * @param what   which figure it counts for, such as "unmatched"; or "note" for what concerns all.
 * @param where  the picture, row or camera that it is about; "" for the whole.
 * @param text   one sentence.
 */
typedef void wildcam_note_fn(void *user, const char *what, const char *where, const char *text);

/**
 * Begins an exchange with the defaults of every option.
 *
 * @param station  the station.
 * @param out      where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an
 *         argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_exchange_free(); it holds the station. Thread safety:
 * any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_new(wildcam_station *station, wildcam_exchange **out);

/**
 * Frees an exchange.
 *
 * @param self  the exchange, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_exchange_free(wildcam_exchange *self);

/**
 * Sets an option.
 *
 * @param self   the exchange.
 * @param name   its name in #WILDCAM_EXCHANGE_OPTIONS.
 * @param value  its value as text; "" for the default.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such option; #WILDCAM_ERR_INVALID
 *         when the value is not of its kind or outside its limits, or an argument is NULL;
 *         #WILDCAM_ERR_NOMEM. What was set before stays.
 *
 * Ownership: the text is copied. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_set(wildcam_exchange *self, const char *name,
                                                const char *value);

/**
 * Chooses what an export is about, and which pictures an import may be matched to. A picture that
 * has a detection that the query asks for is exported whole, with all of its detections; the
 * query's order, offset and limit do not count. The csv format has the detections themselves.
 *
 * @param self   the exchange.
 * @param query  the query; copied. NULL for everything.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_set_query(wildcam_exchange *self,
                                                      const wildcam_query *query);

/**
 * Says who is told of what is left out, repaired or made up.
 *
 * @param self  the exchange.
 * @param note  the function; NULL for nobody.
 * @param user  handed to it.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: @p user is borrowed while the exchange lives. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_set_note(wildcam_exchange *self, wildcam_note_fn *note,
                                                     void *user);

/**
 * Says who is told how far it is, and may stop it.
 *
 * @param self      the exchange.
 * @param progress  the function; NULL for nobody.
 * @param user      handed to it.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL.
 *
 * Ownership: @p user is borrowed while the exchange lives. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_set_progress(wildcam_exchange *self,
                                                         wildcam_progress_fn *progress, void *user);

/**
 * Takes in a file or a package. What is in it twice, or was taken in before, is taken in once: the
 * same import may be run again, also after it was stopped. What is wrong with one picture or row
 * is noted and counted, and ends nothing.
 *
 * - `megadetector`: a picture of the station is found by its name, or by its path where the folders
 *   name the camera; with the option `base` by its content. Its detections take the place of the
 *   `unclassified` one it waits with, and of an earlier import's or a detector's; pictures that a
 *   person has looked at, and what a person or the camera said, stay. Keys that the format does not
 *   know are kept in `metadata` under `megadetector` and come out again, as far as metadata have
 *   room: what has none is named. Comments, missing commas and Python's None and NaN are read over.
 * - `camtrapdp`: deployments, media and observations with all their columns, which stand in
 *   `metadata` under `camtrapdp`. The second of a deploymentEnd belongs to its deployment, here as
 *   in exports, unless the camera's next one begins in it. Pictures whose file is not in the
 *   package become pictures of no bytes: asking for one answers where it is. Files at an address in
 *   the network are not fetched.
 *
 * No name in either leads out of its folder: one with "..", from the root or by a link is named and
 * not opened. What is compressed is read up to 200 times its size, from 64 MiB on.
 *
 * @param self    the exchange.
 * @param format  `megadetector` or `camtrapdp`.
 * @param path    the file, or the directory of the package or its datapackage.json.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CANCELLED: what was taken in stays; #WILDCAM_ERR_NOTFOUND;
 *         #WILDCAM_ERR_INVALID when the format or the file is none that is known, an option does
 *         not fit, or an argument is NULL; #WILDCAM_ERR_VERSION when the file is of a later
 *         version; #WILDCAM_ERR_TOOLARGE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_import(wildcam_exchange *self, const char *format,
                                                   const char *path);

/**
 * Writes a file or a package, whole or not at all: it appears under its name when it is finished.
 * The order is that of the pictures' ids, so that the same rows give the same file.
 *
 * @param self    the exchange.
 * @param format  `megadetector`, `camtrapdp` or `csv`.
 * @param path    the file, or the directory to be: it must not be there or be empty. A file is
 *                replaced.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CANCELLED; #WILDCAM_ERR_EXISTS when the directory holds
 *         something; #WILDCAM_ERR_INVALID when the format is none that is known, an option or the
 *         project's description does not fit, there is nothing to export, or an argument is NULL;
 *         #WILDCAM_ERR_NOTFOUND when a file or the directory above is not there;
 *         #WILDCAM_ERR_TOOLARGE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM. Nothing is left of it on failure.
 *         #WILDCAM_ERR_INCOMPLETE: it is written, but lacks the rows of damaged shards, which the
 *         sentence names.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_export(wildcam_exchange *self, const char *format,
                                                   const char *path);

/**
 * One figure of the last import or export.
 *
 * @param self    the exchange.
 * @param figure  one of the WILDCAM_EXCHANGE_ values.
 * @return the figure; 0 before it ran; -1 when there is no such figure.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_exchange_get_figure(const wildcam_exchange *self, int figure);

/**
 * All figures as a JSON object under the names of #WILDCAM_EXCHANGE_FIGURES.
 *
 * @param self  the exchange.
 * @param json  where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the text is the caller's, freed with wildcam_free(). Thread safety: one thread at a
 * time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_exchange_to_json(const wildcam_exchange *self, char **json);

#ifdef __cplusplus
}
#endif

#endif
