/**
 * @file privacy.h
 * People in pictures, and places of cameras: who may see them.
 *
 * `privacy.humans` says what viewers get of a picture on which somebody is, by the best word on
 * each detection that is no false positive and at least as sure as `privacy.confidence`: the
 * picture (show), a copy in which he is beyond recognition (blur), or nothing (hide). What nobody
 * can name (#WILDCAM_CATEGORY_UNKNOWN) may be somebody, and counts as such. The copy is made from
 * the original, which stays as it is, whenever it is asked for. Where somebody is on it whose place
 * nobody knows, all of it is blurred. What cannot be blurred is hidden.
 *
 * Pictures that nobody has looked at yet are hidden too, unless `privacy.unprocessed` says
 * otherwise. Somebody has looked when the detectors of `process.detector` have been through, where
 * it names any, and somebody who tells people from animals has said what is there, be it that
 * nothing is: a detector, whoever sent the picture, or a person who has judged a detection of it.
 * The detector `motion` is not one of them: it says that something moved, not what, and what it
 * finds changes nothing here.
 *
 * Where a camera is viewers know within the privacy radius of its deployments (deployment.h), the
 * widest when there are several: of a camera, of its deployments, and of what is known of its
 * pictures, coordinates are those that wildcam_deployment_blur() makes of them, and altitude,
 * serial number, and what came along with a picture, with a detection, with an imported deployment
 * or as a camera's configuration are left out, as are place and serial number in the files. A
 * camera without such a deployment hides nothing of that.
 */
#ifndef WILDCAM_PRIVACY_H
#define WILDCAM_PRIVACY_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/camera.h>
#include <wildcam/deployment.h>
#include <wildcam/detection.h>
#include <wildcam/image.h>
#include <wildcam/query.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Copies a JPEG in memory and makes what is in some boxes unrecognisable: each box, with a tenth of
 * its size around it, becomes a few spots of colour that run into each other. Nothing else of what
 * was there is left in the copy, so that nobody can bring it back. It is done in the coefficients
 * of the picture's blocks (ITU T.81 annex A): outside the boxes and the blocks that they touch, the
 * picture is what it was, bit by bit.
 *
 * EXIF stays, with time, place and orientation, and so do the maker notes of Reconyx HyperFire
 * cameras. Whatever may hold a small picture of the same scene is blanked: the one inside EXIF,
 * other maker notes, XMP, comments, unknown application blocks, and EXIF that cannot be followed.
 * Bytes after the end of the picture are left out.
 *
 * @param data      the JPEG.
 * @param size      its length in bytes.
 * @param boxes     where people are, as parts of the upright picture. Each must lie in it, if only
 *                  in part. May be NULL when there are none.
 * @param count     how many, 0 to 1,000. With none, small pictures are taken out alone.
 * @param out       where the JPEG goes; NULL on failure.
 * @param out_size  where its length goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTJPEG; #WILDCAM_ERR_TRUNCATED; #WILDCAM_ERR_TOOLARGE (the
 *         defaults of the images settings hold); #WILDCAM_ERR_UNSUPPORTED for a kind of JPEG whose
 *         blocks cannot be written again; #WILDCAM_ERR_INVALID when an argument is outside its
 *         limits; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_image_blur(const void *data, size_t size,
                                              const wildcam_box *boxes, size_t count, void **out,
                                              size_t *out_size);

/** Whom a picture is for. */
enum {
    WILDCAM_AUDIENCE_ADMIN = 0, /**< Who gets what was kept. */
    WILDCAM_AUDIENCE_VIEWER = 1 /**< Who gets what `privacy.humans` leaves. */
};

/** What of a picture somebody gets. */
enum {
    WILDCAM_VIEW_ORIGINAL = 0, /**< The picture as it was kept. */
    WILDCAM_VIEW_BLURRED = 1,  /**< A copy with people beyond recognition. */
    WILDCAM_VIEW_HIDDEN = 2,   /**< Nothing. */
    WILDCAM_VIEW_STRIPPED = 3  /**< A copy that tells neither place nor serial number. */
};

/**
 * Tells what of a picture somebody gets.
 *
 * @param self      the station.
 * @param id        the picture's id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param view      where one of the WILDCAM_VIEW_ values goes.
 * @param version   where a number goes that tells copies apart that are blurred in other places, as
 *                  when a detection was added: below 2^53, and 0 where there is no copy. May be
 *                  NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND; #WILDCAM_ERR_INVALID when an argument is outside its
 *         limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_view(wildcam_station *self, int64_t id, int audience,
                                                    int *view, int64_t *version);

/**
 * Opens the file of a picture that somebody gets as it was kept. Whether he does is found out and
 * it is opened in one call: what was asked with wildcam_station_get_view() before may hold no more.
 *
 * @param self      the station.
 * @param id        the picture's id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param fd        where the descriptor goes; -1 on failure.
 * @param bytes     where the file's length goes.
 * @return as wildcam_station_open_picture(), #WILDCAM_ERR_STATE when he gets a copy, which
 *         wildcam_station_read_picture_for() makes, and #WILDCAM_ERR_HIDDEN when he gets nothing.
 *
 * Ownership: the caller's, ended by close(). Thread safety: any thread, at any time. Blocking:
 * disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_open_picture_for(wildcam_station *self, int64_t id,
                                                            int audience, int *fd, int64_t *bytes);

/**
 * Reads a picture that is kept into memory, as somebody may see it.
 *
 * @param self      the station.
 * @param id        the picture's id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param strip     what to take out, as for wildcam_image_strip().
 * @param data      where the JPEG goes; NULL on failure.
 * @param size      where its length goes.
 * @param version   where the copy's version goes, as wildcam_station_get_view() tells it: that of
 *                  what was read. May be NULL.
 * @return as wildcam_station_read_picture(), and #WILDCAM_ERR_HIDDEN when he gets nothing, or it
 *         would have to be blurred and cannot be, or a copy is to be made and it is in S3 alone.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: disk; and the decoding, of which so many run at once as `images.decode_bytes` allows.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_read_picture_for(wildcam_station *self, int64_t id,
                                                            int audience, uint32_t strip,
                                                            void **data, size_t *size,
                                                            int64_t *version);

/**
 * Reads a picture's thumbnail, as somebody may see it.
 *
 * @param self      the station.
 * @param id        the picture's id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param data      where the JPEG goes; NULL on failure.
 * @param size      where its length goes.
 * @param version   as above. May be NULL.
 * @return as wildcam_station_get_thumbnail(), and #WILDCAM_ERR_HIDDEN as above.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: disk; and the decoding, of which so many run at once as `images.decode_bytes` allows.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_thumbnail_for(wildcam_station *self, int64_t id,
                                                             int audience, void **data,
                                                             size_t *size, int64_t *version);

/**
 * Reads the facts about a picture that somebody may know. The SHA-256 is left out where he does not
 * get the picture as it was kept: the original's name in S3 is made of it.
 *
 * @param self      the station.
 * @param id        the picture's id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param out       where they go; NULL on failure.
 * @return as wildcam_station_get_image().
 *
 * Ownership: the caller's, freed with wildcam_image_free(). Thread safety: any thread, at any time.
 * Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_image_for(wildcam_station *self, int64_t id,
                                                         int audience, wildcam_image **out);

/**
 * Reads of one detection what somebody may know.
 *
 * @param self      the station.
 * @param id        the detection's id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param out       where it goes; NULL on failure.
 * @return as wildcam_station_get_detection().
 *
 * Ownership: the caller's, freed with wildcam_detection_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_detection_for(wildcam_station *self, int64_t id,
                                                             int audience, wildcam_detection **out);

/**
 * Says for whom the detections are that wildcam_station_query() finds: a cursor's rows tell what he
 * may know. Which rows there are, and how many, does not depend on it.
 *
 * @param self      the query.
 * @param audience  one of the WILDCAM_AUDIENCE_ values; in a new query #WILDCAM_AUDIENCE_ADMIN.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_query_set_audience(wildcam_query *self, int audience);

/**
 * Reads of one deployment what somebody may know: where its camera, at any time, has a privacy
 * radius, coordinates are those that wildcam_deployment_blur() makes with the widest, which stands
 * as its own then, and what else an import brought along is left out.
 *
 * @param self      the station.
 * @param key       its id.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param out       where it goes; NULL on failure.
 * @return as wildcam_station_get_deployment().
 *
 * Ownership: the caller's, freed with wildcam_deployment_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_deployment_for(wildcam_station *self,
                                                              const char *key, int audience,
                                                              wildcam_deployment **out);

/**
 * Reads of the deployments that overlap a span what somebody may know, as
 * wildcam_station_get_deployment_for() does of one.
 *
 * @param self       the station.
 * @param device_id  as for wildcam_station_list_deployments().
 * @param from       the same.
 * @param to         the same.
 * @param audience   one of the WILDCAM_AUDIENCE_ values.
 * @param out        where they go; NULL on failure.
 * @return as wildcam_station_list_deployments().
 *
 * Ownership: the caller's, freed with wildcam_deployment_list_free(). Thread safety: any thread, at
 * any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_deployments_for(wildcam_station *self,
                                                                const char *device_id, int64_t from,
                                                                int64_t to, int audience,
                                                                wildcam_deployment_list **out);

/**
 * Reads of one camera what somebody may know.
 *
 * @param self       the station.
 * @param device_id  as for wildcam_station_get_camera().
 * @param audience   one of the WILDCAM_AUDIENCE_ values.
 * @param out        where it goes; NULL on failure.
 * @return as wildcam_station_get_camera().
 *
 * Ownership: the caller's, freed with wildcam_camera_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_camera_for(wildcam_station *self,
                                                          const char *device_id, int audience,
                                                          wildcam_camera **out);

/**
 * Reads of the cameras what somebody may know, in the order of their device ids.
 *
 * @param self      the station.
 * @param all       0 for the active ones, 1 for all.
 * @param audience  one of the WILDCAM_AUDIENCE_ values.
 * @param out       where they go; NULL on failure.
 * @return as wildcam_station_list_cameras().
 *
 * Ownership: the caller's, freed with wildcam_camera_list_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_cameras_for(wildcam_station *self, int all,
                                                            int audience,
                                                            wildcam_camera_list **out);

#ifdef __cplusplus
}
#endif

#endif
