#include "apps/command_line.h"
#include "apps/tarn/verbs.h"

int main(int argc, char** argv) {
  namespace apps = tarn::apps;
  return apps::run_program({.name = "tarn",
                            .summary = "A lakehouse that needs no database: files in, datasets out.",
                            .verbs = {apps::up_verb(), apps::put_verb(), apps::get_verb(), apps::ls_verb(),
                                      apps::rm_verb(), apps::register_verb(), apps::datasets_verb(), apps::show_verb(),
                                      apps::drop_verb(), apps::undrop_verb(), apps::gc_verb(), apps::quarantine_verb(),
                                      apps::doctor_verb(), apps::token_verb()}},
                           argc, argv);
}
