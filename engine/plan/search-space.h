/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a search varies: settings of the plan, each between two values or among some. A place is
 * where a setting stands: 0 … 1 in a range, the number of a choice. Light.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;     /* of the setting */
  char **choices; /* (nullable): as a person types them; %NULL: a range */
  double low, high;
  gboolean logarithmic; /* places are even in the logarithm */
  gboolean whole;       /* whole numbers only */
  guint points;         /* of a grid over the range, of which whole numbers may be the same */
} AttuneSearchVariable;

/**
 * attune_search_space_parse:
 * @words: (array zero-terminated=1): "learning-rate=1e-5..1e-3", "lora-rank=4,8,16", "schedule=all"
 *
 * A range takes ":linear" or ":log" (which it is without where its ends are ten times apart), and
 * "/5" for as many points in a grid. Settings that change what the loss means, or nothing that is
 * learned, are refused. Returns: (transfer full) (element-type AttuneSearchVariable).
 */
GPtrArray *attune_search_space_parse (const char *const *words, GError **error);

/* Whether a setting of that name can be varied at all. */
gboolean attune_search_space_can_vary (const char *name);
/* What is worth trying of a setting: a word for attune_search_space_parse(), around what @plan says
 * or as is usual; %NULL where it cannot be varied, has no say in @plan, or there is no saying.
 * Returns: (transfer full). */
char *attune_search_suggest (AttunePlan *plan, const char *name);

guint attune_search_variable_count (const AttuneSearchVariable *self); /* choices, or 0 */
/* Returns: (transfer full): the value at a place, as a person types it. */
char *attune_search_variable_get_text (const AttuneSearchVariable *self, double place);
/* The place of such a text. */
double attune_search_variable_get_place (const AttuneSearchVariable *self, const char *text);
/* Whether such a text is a value of it. */
gboolean attune_search_variable_has (const AttuneSearchVariable *self, const char *text);
/* Different values of a grid, and the places of them. */
guint attune_search_variable_count_points (const AttuneSearchVariable *self);
double attune_search_variable_get_point (const AttuneSearchVariable *self, guint number);

/* @plan with the values at @texts, one for each of @space; what goes along with a method or an
 * optimizer goes along. Returns: (transfer full). */
AttunePlan *attune_search_space_make_plan (const GPtrArray *space, AttunePlan *plan,
                                           const char *const *texts, GError **error);

G_END_DECLS
