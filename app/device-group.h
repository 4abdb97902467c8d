/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this computer can compute with, for the preferences. attunectl looks: a driver may hang or
 * crash, and the window must not.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_DEVICE_GROUP (attune_device_group_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDeviceGroup, attune_device_group, ATTUNE, DEVICE_GROUP,
                      AdwPreferencesGroup)

G_END_DECLS
