#include "apps/command_line.h"
#include "apps/storaged/storaged.h"

int main(int argc, char** argv) {
  return tarn::apps::run_program(tarn::apps::storaged_program(), argc, argv);
}
