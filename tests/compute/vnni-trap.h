/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * VPDPBUSD (AVX-VNNI) for processors that lack it: the trap that it ends in there does what the
 * instruction would have done. So the very code that other machines run is tested on any with AVX2.
 * Each takes some microseconds. Source: Intel's manual, volume 2: VEX.256.66.0F38.W0 50 /r.
 */
#pragma once
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

static guint64 vnni_trapped; /* instructions so far */

/* The parts of an instruction that its bytes name. */
typedef struct
{
  int to, left, right; /* registers; right < 0: in memory */
  const guint8 *memory;
  int length;
} VnniInstruction;

static const guint8 *
vnni_find_memory (const greg_t *registers, const guint8 *at, gboolean x, gboolean b, int *length)
{
  static const int order[16]
      = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
          REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
  const guint8 modrm = at[4];
  const int mod = modrm >> 6, rm = modrm & 7;
  const guint8 *p = at + 5;
  guint64 address = 0;
  gboolean relative = FALSE, wide = mod == 2;

  if (rm == 4)
    {
      const guint8 sib = *p++;
      const int index = (sib >> 3 & 7) | x << 3;

      if (index != 4)
        address += (guint64) registers[order[index]] << (sib >> 6);
      if ((sib & 7) == 5 && mod == 0)
        wide = TRUE;
      else
        address += registers[order[(sib & 7) | b << 3]];
    }
  else if (rm == 5 && mod == 0)
    relative = wide = TRUE;
  else
    address += registers[order[rm | b << 3]];
  if (wide)
    {
      gint32 displacement;

      memcpy (&displacement, p, 4);
      address += (gint64) displacement;
      p += 4;
    }
  else if (mod == 1)
    address += (gint8) *p++;
  *length = p - at;
  if (relative)
    address += (guint64) p;
  return (const guint8 *) address;
}

/* Returns FALSE where it is another instruction. */
static gboolean
vnni_read (VnniInstruction *in, const greg_t *registers)
{
  const guint8 *at = (const guint8 *) registers[REG_RIP];
  gboolean r, x, b;

  if (at[0] != 0xc4 || (at[1] & 31) != 2 || (at[2] & 0x87) != 0x05 || at[3] != 0x50)
    return FALSE;
  r = !(at[1] & 0x80);
  x = !(at[1] & 0x40);
  b = !(at[1] & 0x20);
  in->to = (at[4] >> 3 & 7) | r << 3;
  in->left = ~at[2] >> 3 & 15;
  in->right = at[4] >> 6 == 3 ? (at[4] & 7) | b << 3 : -1;
  in->length = 5;
  in->memory = in->right < 0 ? vnni_find_memory (registers, at, x, b, &in->length) : NULL;
  return TRUE;
}

/* The halves of a 256-bit register lie apart in what XSAVE has left. */
static void
vnni_get (const guint8 *saved, int i, guint8 value[32])
{
  memcpy (value, saved + 160 + 16 * i, 16);
  memcpy (value + 16, saved + 576 + 16 * i, 16);
}

static void
vnni_on_trap (int number, siginfo_t *info, void *data)
{
  ucontext_t *context = data;
  greg_t *registers = context->uc_mcontext.gregs;
  guint8 *saved = (guint8 *) context->uc_mcontext.fpregs, left[32], right[32], to[32];
  VnniInstruction in;
  guint64 present;

  if (!vnni_read (&in, registers))
    {
      signal (SIGILL, SIG_DFL); /* and again */
      return;
    }
  memcpy (&present, saved + 512, sizeof present);
  if (!(present & 4)) /* the upper halves are zero, and not saved */
    memset (saved + 576, 0, 256);
  present |= 4;
  memcpy (saved + 512, &present, sizeof present);
  vnni_get (saved, in.left, left);
  vnni_get (saved, in.to, to);
  if (in.right >= 0)
    vnni_get (saved, in.right, right);
  else
    memcpy (right, in.memory, 32);
  for (int i = 0; i < 32; i += 4)
    {
      gint32 sum;

      memcpy (&sum, to + i, 4);
      for (int j = i; j < i + 4; j++)
        sum += left[j] * (gint8) right[j];
      memcpy (to + i, &sum, 4);
    }
  memcpy (saved + 160 + 16 * in.to, to, 16);
  memcpy (saved + 576 + 16 * in.to, to + 16, 16);
  registers[REG_RIP] += in.length;
  vnni_trapped++;
}

/* From here on. */
static inline void
vnni_catch (void)
{
  struct sigaction action = { .sa_sigaction = vnni_on_trap, .sa_flags = SA_SIGINFO };

  sigaction (SIGILL, &action, NULL);
}
