/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's choice of what computes, and of a graphics card's precision, as properties.
 */
#pragma once
#include "compute/device.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_DEVICE_KIND (attune_device_kind_get_type ())
GType attune_device_kind_get_type (void);

#define ATTUNE_TYPE_PRECISION (attune_precision_get_type ())
GType attune_precision_get_type (void);

G_END_DECLS
