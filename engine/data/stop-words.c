/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See stop-words.h.
 */
#include "data/stop-words.h"

static const struct
{
  const char *language, *words;
} lists[] = {
  { "de",
    "aber als am an auch auf aus bei beim bin bis bist da damit dann das dass dein deine deinem "
    "deinen deiner dem den denn der des dessen die dies diese diesem diesen dieser dieses doch "
    "dort du durch ein eine einem einen einer eines er es etwa etwas euch euer eure eurem euren "
    "eurer für gegen habe haben habt hast hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr "
    "ihre ihrem ihren ihrer im in indem ins ist ja jede jedem jeden jeder jedes jene jenem jenen "
    "jener jenes kann können könnte mal man mein meine meinem meinen meiner mich mir mit muss "
    "müssen nach nun nur ob oder sehr sei sein seine seinem seinen seiner seit sich sie sind so "
    "sollte sollten sondern soll sollen über um und uns unser unsere unserem unseren unserer "
    "unter vom von vor war waren warst weil wenn werde werden wird wir wirst wollen worden würde "
    "würden zu zum zur zwar zwischen" },
  { "en",
    "a about above after again all also am an and any are as at be because been before being below "
    "between both but by can could did do does doing down during each few for from further had has "
    "have having he her here hers herself him himself his i if in into is it its itself just may "
    "me "
    "might more most must my myself of off on once only or other our ours ourselves out over own "
    "same shall she should so some such than that the their theirs them themselves then there "
    "these "
    "they this those through to too under until up us very was we were while will with would you "
    "your yours yourself yourselves" },
  { "es",
    "a al ante antes así aun aunque cada con contra de del desde durante e el él "
    "ella ellas ellos en entre era eran eres es esa esas ese eso esos esta está están estas este "
    "esto estos fue fueron ha había han has hasta hay he la las le les lo los más me mi mis mucho "
    "muy nos nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco "
    "por porque pues que se sea según ser si sí sido sobre son soy su sus también tan te tenía "
    "tiene tienen todo todos tu tus u un una unas uno unos y ya yo" },
  { "fr",
    "à afin ai ainsi après as au aux avaient avait avant avec avez avons c car ce ceci cela ces "
    "cet "
    "cette ceux chaque chez d dans de depuis des donc du elle elles en encore entre es est et "
    "étaient était être eu eux ici il ils j je l la le les leur leurs lui m ma mais même mes moi "
    "mon n nos notre nous on ont ou par parce pendant peut pour puis qu que s sa se "
    "sera ses si soi soit son sont sous suis sur t ta te tes toi ton tous tout toute très tu un "
    "une "
    "vers vos votre vous y" },
  { "it",
    "a ad ai al alla alle allo anche avere c che ci con d da dagli dai dal dalla dalle "
    "dallo de degli dei del dell della delle dello di e è ed era erano essere fra gli ha hai "
    "hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio ne negli nei nel "
    "nella "
    "nelle nello noi nostra nostre nostri nostro o per però più poi quei quella "
    "quelle quelli quello questa queste questi questo se si sia siamo siete sono sta su sua sue "
    "sugli sui sul sulla sulle sullo suo suoi te ti tra tu tua tue tuo tuoi tutti tutto un una uno "
    "vi voi" },
  { "nl",
    "aan al alles als bij daar dan dat de der deze die dit doch doen door dus een en er ge haar "
    "had heb hebben heeft hem het hier hij hun ik in is ja je kan kon maar me meer men met mij "
    "mijn moet na naar nog nu of om omdat ons ook op over reeds te tegen toch toen tot u uit uw "
    "van "
    "veel voor want waren was we wel werd wezen wij wil worden wordt zal ze zelf zich zij zijn zo "
    "zou" },
  { "pt",
    "a à ao aos as às até com cada da das de dela dele deles depois do dos e é ela elas ele eles "
    "em entre era eram essa essas esse esses esta está estão estas este estes eu foi foram há isso "
    "isto já lhe lhes mais mas me mesmo meu meus minha minhas muito na nas no nos nós nossa nossas "
    "nosso nossos num numa o os ou para pela pelas pelo pelos por porque que se "
    "ser será seu seus só são sua suas também te tem têm ter teu teus tu tua tuas um uma você "
    "vocês "
    "vos" },
};

const char *
attune_stop_words_get (const char *language)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_str_equal (lists[i].language, language))
      return lists[i].words;
  return NULL;
}

const char *
attune_stop_words_get_languages (void)
{
  return "de, en, es, fr, it, nl, pt";
}
