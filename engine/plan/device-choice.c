/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See device-choice.h.
 */
#include "plan/device-choice.h"

GType
attune_device_kind_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_DEVICE_AUTO, "ATTUNE_DEVICE_AUTO", "auto" },
        { ATTUNE_DEVICE_CPU, "ATTUNE_DEVICE_CPU", "cpu" },
        { ATTUNE_DEVICE_GPU, "ATTUNE_DEVICE_GPU", "gpu" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneDeviceKind", values));
    }
  return type;
}

GType
attune_precision_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_PRECISION_F32, "ATTUNE_PRECISION_F32", "f32" },
        { ATTUNE_PRECISION_BF16, "ATTUNE_PRECISION_BF16", "bf16" },
        { ATTUNE_PRECISION_F16, "ATTUNE_PRECISION_F16", "f16" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttunePrecision", values));
    }
  return type;
}
