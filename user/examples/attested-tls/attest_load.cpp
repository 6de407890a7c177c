// SPDX-License-Identifier: MIT
//
// attest-load: many clients of an attested-server at once: how many handshakes a second, how
// long each takes, and whether every one of them had right evidence.
#include "command.hpp"
#include "limits.hpp"
#include "load_crew.hpp"
#include "load_result.hpp"
#include "output.hpp"

#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace attested;

struct Words {
    LoadSettings load;
    TrustWords trust;
    std::vector<std::string> formats{"default"};
    double timeout = 100;
    std::string json;
    std::string label;
};

int write_json(const Words& words, const LoadResult& result) {
    const std::string text = json_of(words.load, result, words.label).dump(2) + '\n';
    const auto written = stress::write_out(words.json, text);
    return written ? int{Exit::done} : complain(written.error(), Exit::failed);
}

int run(Words& words) {
    Trust trust;
    if (!words.load.plain) {
        auto trusted = trust_of(words.trust);
        if (!trusted)
            return complain(trusted.error(), Exit::usage);
        trust = std::move(*trusted);
    }
    auto formats = formats_of(words.formats);
    if (!formats)
        return complain(formats.error(), Exit::usage);
    words.load.formats = std::move(*formats);
    words.load.timeout = to_milliseconds(words.timeout);
    if (!words.load.connections && !words.load.seconds)
        words.load.seconds = 5;
    stress::raise_file_limit();

    auto crew = LoadCrew::make(words.load);
    if (!crew)
        return complain(crew.error(), Exit::usage);
    if (const auto ran = crew->run(); !ran)
        return complain(ran.error(), Exit::failed);
    const LoadResult result = crew->verify(trust);
    // Where the JSON goes to stdout, it is alone there.
    fmt::print(words.json == "-" ? stderr : stdout, "{}", text_of(words.load, result));
    const int written = words.json.empty() ? int{Exit::done} : write_json(words, result);
    if (result.done == 0 && result.failures() > 0)
        return Exit::no_server;
    return result.passed() ? written : int{Exit::failed};
}

} // namespace

int main(int argc, char** argv) {
    Words words;
    CLI::App app("Connect many times at once to attested-server, and verify all that it said",
                 "attest-load");
    app.option_defaults()->always_capture_default();
    app.add_option("address", words.load.address, "IP:PORT of attested-server");
    app.add_option("--concurrency", words.load.concurrency, "Connections at once")
        ->check(CLI::Range(1U, 1U << 16));
    app.add_option("--threads", words.load.threads, "That the connections are split over")
        ->check(CLI::Range(1U, 64U));
    app.add_option("--timeout", words.timeout, "Seconds for a connection")
        ->check(CLI::PositiveNumber);
    app.add_option("--formats", words.formats, "Of the report, the one liked best first")
        ->delimiter(',');
    app.option_defaults()->always_capture_default(false);
    app.add_option("--connections", words.load.connections, "In all")->check(CLI::PositiveNumber);
    app.add_option("--seconds", words.load.seconds,
                   "How long to begin new ones (5, unless --connections is given)")
        ->check(CLI::PositiveNumber);
    app.add_flag("--plain", words.load.plain, "The server gives no evidence (its --plain)");
    app.add_option("--json", words.json, "Write the result to this file; - is stdout");
    app.add_option("--label", words.label, "A text to find the result by");
    add_handshake(app, words.load.handshake);
    add_trust(app, words.trust);
    app.footer("Exit status: 0 all had right evidence; 1 any had not, or failed; 2 usage; 3 there "
               "is no server.");
    return main_of(app, argc, argv, [&words] { return run(words); });
}
