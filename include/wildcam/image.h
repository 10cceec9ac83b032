/**
 * @file image.h
 * Pictures: the facts about a JPEG, its bytes and its thumbnail.
 *
 * Text that is not known is "", a number that is not known is NaN, or -1 where it counts
 * something.
 */
#ifndef WILDCAM_IMAGE_H
#define WILDCAM_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The facts about a picture. */
typedef struct wildcam_image wildcam_image;

/** The one list of what makes a camera take a picture: X(NAME, value, text), as in Camtrap DP. */
#define WILDCAM_CAPTURE_LIST(X)                                                                    \
    X(UNKNOWN, 0, "")                                                                              \
    X(MOTION, 1, "activityDetection")                                                              \
    X(TIMELAPSE, 2, "timeLapse")

/** What made the camera take it: `WILDCAM_CAPTURE_MOTION` and so on, from the list above. */
enum {
#define WILDCAM_CAPTURE_VALUE(name, value, text) WILDCAM_CAPTURE_##name = (value),
    WILDCAM_CAPTURE_LIST(WILDCAM_CAPTURE_VALUE)
#undef WILDCAM_CAPTURE_VALUE
};

/** What can be taken out of a picture on its way out; the values can be added up. */
enum {
    WILDCAM_STRIP_PLACE = 1, /**< GPS data, and text blocks that may name a place. */
    WILDCAM_STRIP_SERIAL = 2 /**< Serial numbers, and maker notes, which may hold one. */
};

/**
 * Names what makes a camera take a picture, such as "timeLapse".
 *
 * @param capture  one of the WILDCAM_CAPTURE_ values.
 * @return the name; "" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_capture_name(int capture);

/**
 * Frees the facts about a picture.
 *
 * @param self  the facts, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_image_free(wildcam_image *self);

/**
 * Its id. It orders pictures by time to the millisecond, but for those whose time was corrected
 * once they had it (deployment.h): it stays for ever.
 *
 * @param self  the picture.
 * @return the id, below 2^53; 0 for a picture that is not kept.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_id(const wildcam_image *self);

/**
 * The number of the camera that took it.
 *
 * @param self  the picture.
 * @return the number; 0 for a picture that is not kept.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_camera_id(const wildcam_image *self);

/**
 * The camera that took it.
 *
 * @param self  the picture.
 * @return the device id, "" for a picture that is not kept; valid until the next call on this
 *         object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_device_id(const wildcam_image *self);

/**
 * When it was taken.
 *
 * @param self  the picture.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when the picture itself does not say.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_time(const wildcam_image *self);

/**
 * How far the local clock was from UTC.
 *
 * @param self  the picture.
 * @return seconds; #WILDCAM_OFFSET_UNKNOWN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int32_t wildcam_image_get_offset(const wildcam_image *self);

/**
 * Where its time came from.
 *
 * @param self  the picture.
 * @return one of the WILDCAM_TIME_SOURCE_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_time_source(const wildcam_image *self);

/**
 * What the camera's clock said, which a deployment may have corrected (deployment.h).
 *
 * @param self  the picture.
 * @return microseconds UTC, or the digits themselves when their offset is not known; that of
 *         wildcam_image_get_time() when nothing was corrected.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_clock_time(const wildcam_image *self);

/**
 * How far the camera's clock said it was from UTC, before a deployment said more.
 *
 * @param self  the picture.
 * @return seconds; #WILDCAM_OFFSET_UNKNOWN when it did not say.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int32_t wildcam_image_get_clock_offset(const wildcam_image *self);

/**
 * When the station received it.
 *
 * @param self  the picture.
 * @return microseconds UTC; #WILDCAM_TIME_NONE for a picture that is not kept.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_received_at(const wildcam_image *self);

/**
 * How long its file is.
 *
 * @param self  the picture.
 * @return bytes.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_bytes(const wildcam_image *self);

/**
 * How wide it is when upright.
 *
 * @param self  the picture.
 * @return pixels.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_width(const wildcam_image *self);

/**
 * How high it is when upright.
 *
 * @param self  the picture.
 * @return pixels.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_height(const wildcam_image *self);

/**
 * How it must be turned to be upright, as EXIF says it.
 *
 * @param self  the picture.
 * @return 1 to 8; 1 is upright.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_orientation(const wildcam_image *self);

/**
 * How many bytes follow the picture in its file; some cameras put a small picture there.
 *
 * @param self  the picture.
 * @return bytes.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_trailing_bytes(const wildcam_image *self);

/**
 * The SHA-256 of its file.
 *
 * @param self  the picture.
 * @return 64 hexadecimal digits, "" for a picture that is not kept; valid until the next call on
 *         this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_sha256(const wildcam_image *self);

/**
 * Who made the camera, from EXIF.
 *
 * @param self  the picture.
 * @return the name; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_make(const wildcam_image *self);

/**
 * The camera's model, from EXIF or the maker note.
 *
 * @param self  the picture.
 * @return the name; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_model(const wildcam_image *self);

/**
 * The camera's serial number, from EXIF or the maker note.
 *
 * @param self  the picture.
 * @return the number; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_serial_number(const wildcam_image *self);

/**
 * How far north it was taken, from EXIF.
 *
 * @param self  the picture.
 * @return degrees, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_image_get_latitude(const wildcam_image *self);

/**
 * How far east it was taken, from EXIF.
 *
 * @param self  the picture.
 * @return degrees, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_image_get_longitude(const wildcam_image *self);

/**
 * How high it was taken, from EXIF.
 *
 * @param self  the picture.
 * @return metres above the sea, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_image_get_altitude(const wildcam_image *self);

/**
 * How warm the camera was, from the maker note.
 *
 * @param self  the picture.
 * @return degrees Celsius, NaN when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API double wildcam_image_get_temperature(const wildcam_image *self);

/**
 * What made the camera take it, from the maker note.
 *
 * @param self  the picture.
 * @return one of the WILDCAM_CAPTURE_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_capture(const wildcam_image *self);

/**
 * Which event of the camera it belongs to, from the maker note.
 *
 * @param self  the picture.
 * @return the number; -1 when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_event_number(const wildcam_image *self);

/**
 * Which picture of its event it is, from the maker note.
 *
 * @param self  the picture.
 * @return the number, from 1; -1 when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_sequence_number(const wildcam_image *self);

/**
 * How many pictures its event has, from the maker note.
 *
 * @param self  the picture.
 * @return the number; -1 when not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_sequence_length(const wildcam_image *self);

/**
 * Which event it belongs to (event.h).
 *
 * @param self  the picture.
 * @return the id of the event, which is that of its first picture; 0 while it is in none.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_image_get_event_id(const wildcam_image *self);

/**
 * Whether somebody wants it kept for good (retention.h).
 *
 * @param self  the picture.
 * @return 1 for a favourite, else 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_image_get_favourite(const wildcam_image *self);

/**
 * The name the sender gave its file.
 *
 * @param self  the picture.
 * @return the name; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_file_name(const wildcam_image *self);

/**
 * What the sender told beside it.
 *
 * @param self  the picture.
 * @return the text of a JSON object, "" for none; valid until the next call on this object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_image_get_metadata(const wildcam_image *self);

/**
 * Writes the facts about a picture as a JSON object, with the names of the HTTP interface.
 *
 * @param self  the picture.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_INVALID when an argument is NULL.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_image_to_json(const wildcam_image *self, char **out);

/**
 * Reads the facts out of a JPEG in memory, without a station: its marker structure to the end of
 * the main picture (ITU T.81 annex B), its EXIF (CIPA DC-008) and the maker notes of Reconyx
 * HyperFire 1 and 2.
 *
 * @param data  the JPEG.
 * @param size  its length in bytes.
 * @param out   where the facts go; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTJPEG when it is no JPEG or its markers make no sense;
 *         #WILDCAM_ERR_TRUNCATED when it ends before its picture does; #WILDCAM_ERR_TOOLARGE when
 *         it is over the default of `images.max_pixels` or `images.max_scans`; #WILDCAM_ERR_INVALID
 *         when an argument is NULL; #WILDCAM_ERR_NOMEM. Damaged EXIF is no failure: what can be
 *         read is taken.
 *
 * Ownership: the caller's, freed with wildcam_image_free(). Thread safety: any thread, at any time.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_image_probe(const void *data, size_t size, wildcam_image **out);

/**
 * Makes a small upright JPEG without any metadata out of a JPEG in memory. It keeps its shape, fits
 * into the box, and is never enlarged.
 *
 * @param data      the JPEG.
 * @param size      its length in bytes.
 * @param width     the box's width, 16 to 4,096 pixels.
 * @param height    the box's height, 16 to 4,096 pixels.
 * @param out       where the JPEG goes; NULL on failure.
 * @param out_size  where its length goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTJPEG; #WILDCAM_ERR_TRUNCATED; #WILDCAM_ERR_TOOLARGE (the
 *         defaults of the images settings hold); #WILDCAM_ERR_UNSUPPORTED for a kind of JPEG that
 *         cannot be decoded, such as a lossless one; #WILDCAM_ERR_CORRUPT when decoding fails;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_NOMEM. Damage
 *         that leaves some of the picture is no failure.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_image_thumbnail(const void *data, size_t size, int width,
                                                   int height, void **out, size_t *out_size);

/**
 * Copies a JPEG and takes out what must not travel with it. The picture itself is copied byte for
 * byte and the file keeps its length.
 *
 * For #WILDCAM_STRIP_PLACE the GPS directory of EXIF is emptied, and XMP, IPTC, comment and unknown
 * application blocks are blanked. For #WILDCAM_STRIP_SERIAL the serial number fields, owner names
 * and the maker note of EXIF are emptied, and the same blocks blanked. For either, the small
 * picture inside EXIF and whatever else no kept field refers to are blanked, as are bytes after the
 * end of the picture, and EXIF that cannot be followed is blanked whole.
 *
 * @param data      the JPEG.
 * @param size      its length in bytes.
 * @param what      the WILDCAM_STRIP_ values, added up; 0 copies it as it is.
 * @param out       where the JPEG goes; NULL on failure.
 * @param out_size  where its length goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTJPEG or #WILDCAM_ERR_TRUNCATED when its markers cannot be
 *         followed to the picture's end; #WILDCAM_ERR_INVALID when an argument is outside its
 *         limits; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_image_strip(const void *data, size_t size, uint32_t what,
                                               void **out, size_t *out_size);

/**
 * Reads the facts about a picture that is kept.
 *
 * @param self  the station.
 * @param id    the picture's id.
 * @param out   where they go; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_image_free(). Thread safety: any thread, at any time.
 * Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_image(wildcam_station *self, int64_t id,
                                                     wildcam_image **out);

/**
 * Opens the file of a picture that is kept, for programs that hand descriptors on.
 *
 * @param self   the station.
 * @param id     the picture's id.
 * @param fd     where a descriptor for reading goes, close-on-exec; -1 on failure.
 * @param bytes  where the length goes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture; #WILDCAM_ERR_CORRUPT
 *         when its file is gone or has another length, or a database is damaged;
 *         #WILDCAM_ERR_RELEASED when its file was deleted because it is in S3;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 * #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the descriptor is the caller's to close. Thread safety: any thread, at any time.
 * Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_open_picture(wildcam_station *self, int64_t id, int *fd,
                                                        int64_t *bytes);

/**
 * Reads a picture that is kept into memory.
 *
 * @param self   the station.
 * @param id     the picture's id.
 * @param strip  what to take out, as for wildcam_image_strip().
 * @param data   where the JPEG goes; NULL on failure.
 * @param size   where its length goes.
 * @return as wildcam_station_open_picture() and wildcam_image_strip().
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_read_picture(wildcam_station *self, int64_t id,
                                                        uint32_t strip, void **data, size_t *size);

/**
 * Reads a picture's thumbnail, of the size in `images.thumbnail`. The first reader makes it; it is
 * kept for the next.
 *
 * @param self  the station.
 * @param id    the picture's id.
 * @param data  where the JPEG goes; NULL on failure.
 * @param size  where its length goes.
 * @return as wildcam_station_open_picture() and wildcam_image_thumbnail().
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: disk; and the decoding, of which so many run at once as `images.decode_bytes` allows.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_thumbnail(wildcam_station *self, int64_t id,
                                                         void **data, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
