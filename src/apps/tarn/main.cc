#include "apps/command_line.h"
#include "apps/tarn/verbs.h"

int main(int argc, char** argv) {
  using namespace tarn::apps;
  return run_program(
      {.name = "tarn",
       .summary = "A lakehouse that needs no database: files in, datasets out.",
       .verbs = {up_verb(), put_verb(), get_verb(), ls_verb(), rm_verb(), register_verb(), datasets_verb(), show_verb(),
                 drop_verb(), undrop_verb(), gc_verb(), quarantine_verb(), doctor_verb(), token_verb()}},
      argc, argv);
}
