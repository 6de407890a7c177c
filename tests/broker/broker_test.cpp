// SPDX-License-Identifier: MIT
//
// Who gets a secret, and who does not.
#include "fixture.hpp"
#include "snp_firmware.hpp"

#include <chrono>

namespace {

using namespace keybroker;
using namespace std::chrono_literals;

TEST_F(BrokerTest, ReleasesToWhoeverThePolicyIsAbout) {
    const Wanted wanted = ask_for("root");
    const Reply reply = decide(wanted.request());
    const auto* answer = std::get_if<Answer>(&reply);
    ASSERT_NE(answer, nullptr) << std::get<Refusal>(reply).text;
    EXPECT_TRUE(BrokerKey::from_pem(pem.public_pem())->check(*answer, wanted.bound()));
    EXPECT_EQ(unseal(*answer, wanted.own, wanted.bound()).value(), secret_of(root_secret));
    expect_logged("released", "");
    expect_no_secret(std::string(answer->ciphertext.begin(), answer->ciphertext.end()), "answer");
}

TEST_F(BrokerTest, AReplayedRequestIsRefused) {
    const Wanted wanted = ask_for("root");
    ASSERT_TRUE(std::holds_alternative<Answer>(decide(wanted.request())));
    expect_refused(decide(wanted.request()), Reason::nonce, "used before");
}

TEST_F(BrokerTest, ANonceIsUsedUpByARefusalToo) {
    Wanted wanted = ask_for("root");
    wanted.report.outblob[100] ^= 1;
    expect_refused(decide(wanted.request()), Reason::evidence, "");
    wanted.report.outblob[100] ^= 1;
    expect_refused(decide(wanted.request()), Reason::nonce, "used before");
}

TEST_F(BrokerTest, AnExpiredNonceIsRefused) {
    const Wanted wanted = ask_for("root");
    now += 60s;
    expect_refused(decide(wanted.request()), Reason::nonce, "expired");
}

TEST_F(BrokerTest, ANonceOfAnotherBrokersIsRefused) {
    Broker another = broker_with(entries(), "another-log");
    Wanted wanted = ask_for("root");
    wanted.nonce = another.challenge(now).value().nonce;
    wanted.report = tpm.report(wanted.bound());
    expect_refused(decide(wanted.request()), Reason::nonce, "not of this broker");
}

TEST_F(BrokerTest, EvidenceForAnotherNonceIsRefused) {
    Wanted wanted = ask_for("root");
    wanted.nonce = broker.challenge(now).value().nonce;
    expect_refused(decide(wanted.request()), Reason::evidence, "challenge");
}

// A man in the middle who wants the secret for himself.
TEST_F(BrokerTest, ASwappedKeyIsRefused) {
    const Wanted wanted = ask_for("root");
    Request request = wanted.request();
    request.key = hpke::KeyPair::generate()->public_key();
    expect_refused(decide(request), Reason::evidence, "challenge");
}

TEST_F(BrokerTest, ASwappedNameIsRefused) {
    const Wanted wanted = ask_for("root");
    Request request = wanted.request();
    request.name = "other";
    expect_refused(decide(request), Reason::evidence, "challenge");
}

TEST_F(BrokerTest, AnyOtherPcrIsRefusedAndNamed) {
    for (std::size_t i = 0; i < SoftwareTpm::pcr_count; ++i) {
        tpm.pcrs[i][0] ^= 1;
        expect_refused(decide(ask_for("root").request()), Reason::evidence, "pcr");
        tpm.pcrs[i][0] ^= 1;
    }
    EXPECT_TRUE(std::holds_alternative<Answer>(decide(ask_for("root").request())));
}

TEST_F(BrokerTest, AnotherTpmIsRefused) {
    expect_refused(decide(ask_for("root", other_tpm).request()), Reason::evidence, "key");
}

TEST_F(BrokerTest, ASecretThatThereIsNotIsRefused) {
    expect_refused(decide(ask_for("swap").request()), Reason::name, "swap");
}

TEST_F(BrokerTest, EvidenceCutOffAnywhereIsRefused) {
    const std::size_t whole = ask_for("root").report.outblob.size();
    for (std::size_t size = 0; size < whole; size += 7) {
        Wanted wanted = ask_for("root");
        wanted.report.outblob.resize(size);
        wanted.report.outblob.shrink_to_fit();
        expect_refused(decide(wanted.request()), Reason::evidence, "");
    }
    Wanted wanted = ask_for("root");
    wanted.report.auxblob.resize(wanted.report.auxblob.size() - 1);
    expect_refused(decide(wanted.request()), Reason::evidence, "auxblob");
}

TEST_F(BrokerTest, AnyBitOfTheEvidenceTurnedIsRefused) {
    const Wanted sample = ask_for("root");
    for (std::size_t at = 0; at < sample.report.outblob.size(); ++at) {
        Wanted wanted = ask_for("root");
        wanted.report.outblob[at] ^= 1;
        ASSERT_TRUE(std::holds_alternative<Refusal>(decide(wanted.request()))) << at;
    }
}

TEST_F(BrokerTest, OneOfSeveralPoliciesIsEnough) {
    SoftwareTpm next = tpm;
    next.pcrs[9].fill(0x99);
    std::vector<Entry> both = entries();
    both.push_back({"root", "next.json", policy_for(next), secret_of("the next secret")});
    broker = broker_with(std::move(both), "log-of-both");
    for (const auto& [from, secret] :
         {std::pair{&tpm, root_secret}, {&next, std::string_view("the next secret")}}) {
        const Wanted wanted = ask_for("root", *from);
        const Reply reply = decide(wanted.request());
        ASSERT_TRUE(std::holds_alternative<Answer>(reply));
        EXPECT_EQ(unseal(std::get<Answer>(reply), wanted.own, wanted.bound()).value(),
                  secret_of(secret));
    }
}

TEST_F(BrokerTest, NothingIsReleasedThatCannotBeLogged) {
    const Wanted wanted = ask_for("root");
    const FileLimit no_more(std::filesystem::file_size(directory.of("log")));
    const Reply reply = decide(wanted.request());
    ASSERT_TRUE(std::holds_alternative<Refusal>(reply));
    EXPECT_EQ(std::get<Refusal>(reply).reason, Reason::broken);
}

// SEV-SNP, in one test, for its two keys of RSA-4096 take seconds to make.
TEST_F(BrokerTest, TellsProvidersApart) {
    firmware::Platform platform;
    platform.tcb = {.fmc = std::nullopt, .boot_loader = 4, .tee = 1, .snp = 1, .microcode = 1};
    auto authority = firmware::Authority::in(directory.of("authority"), platform).value();
    tsmfd::Policy policy;
    policy.snp(tsmfd::SnpPolicy());
    policy.snp()->roots(authority.ark());
    policy.snp()->measurements({Bytes(48, 0)});
    const firmware::SnpFirmware snp(std::move(authority), platform, {});
    std::vector<Entry> all = entries();
    all.push_back({"snp", "snp.json", policy, secret_of("the secret of SEV-SNP guests")});
    log_name = "snp-log";
    broker = broker_with(std::move(all), log_name);

    const auto with_snp = [&](const std::string& name) {
        Wanted wanted = ask_for(name);
        tsmfd::Options options;
        options.inblob = *tsmfd::Inblob::from(wanted.bound());
        options.format = tsmfd::Format::extended;
        auto blobs = snp.report(options).value();
        wanted.report.outblob = std::move(blobs.outblob);
        wanted.report.auxblob = std::move(blobs.auxblob);
        return wanted;
    };
    const auto expect_wrong = [&](const Wanted& wanted, std::string_view provider) {
        expect_refused(decide(wanted.request()), Reason::evidence, "kind");
        EXPECT_EQ(last_logged("provider"), provider);
        EXPECT_NE(last_logged("detail").find("kind"), std::string::npos);
    };
    EXPECT_TRUE(std::holds_alternative<Answer>(decide(with_snp("snp").request())));
    expect_logged("released", "");
    expect_wrong(with_snp("root"), "snp");
    expect_wrong(ask_for("snp"), "tpm");
}

} // namespace
