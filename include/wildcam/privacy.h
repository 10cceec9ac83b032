/**
 * @file privacy.h
 * People in pictures, and who may see them.
 */
#ifndef WILDCAM_PRIVACY_H
#define WILDCAM_PRIVACY_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/detection.h>
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
 * @param boxes     where people are, as parts of the upright picture; what lies outside of it does
 *                  not matter. May be NULL when there are none.
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

#ifdef __cplusplus
}
#endif

#endif
