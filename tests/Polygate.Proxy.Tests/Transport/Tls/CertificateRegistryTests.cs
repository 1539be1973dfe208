using CsCheck;
using Polygate.Model;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Tests.Transport.Tls;

public sealed class CertificateRegistryTests
{
    private static readonly ListenerKey[] Listeners = [new(443), new(8443)];

    private static readonly string[] Ids = ["a", "b", "c", "nowhere"];

    private static readonly HostPattern[] Patterns =
    [
        HostPattern.Any, HostPattern.Exact("a.test"), HostPattern.Suffix(".test"), HostPattern.SingleLabelSuffix(".test"), HostPattern.Prefix("a."),
        HostPattern.Regex("^a"),
    ];

    private static readonly string[] Names = ["", "a.test", "b.test", "c.b.test", "a.other"];

    /// <summary>Two good ones and a broken one, each with an identity to be given.</summary>
    private static readonly Certificate[] Contents =
        [TestCertificates.Ecdsa("", "one.test"), TestCertificates.Ecdsa("", "two.test"), new("", "nothing", "nothing")];

    private static readonly Gen<TlsBinding> Bindings = Gen.Select(
        Gen.OneOf(Listeners), Gen.OneOf(Patterns), Gen.OneOf(Ids).Array[0, 2], Gen.Int[0, 2],
        (listener, pattern, ids, validation) => new TlsBinding(listener, pattern, ids.ToValueList(), TestCertificates.Origin)
        {
            ClientValidation = validation switch
            {
                0 => new ClientValidation("authorities") { TrustedCertificatesPem = Contents[0].CertificatePem },
                1 => new ClientValidation("broken") { TrustedCertificatesPem = "nothing" },
                _ => null,
            },
        });

    /// <summary>What each of three objects has, and the content of each certificate.</summary>
    private static readonly Gen<(string[] Certificates, TlsBinding[] Bindings)> Pieces =
        Gen.Select(Gen.OneOf(Ids[..3]).Array[0, 3], Bindings.Array[0, 3], (ids, bindings) => (ids.Distinct().ToArray(), bindings));

    private static readonly Gen<GatewayConfiguration> Configurations = Gen.Select(Pieces.Array[3], Gen.Int[0, 2].Array[3], Configuration);

    [Fact]
    public void Change_by_change_comes_to_the_same_as_all_at_once() =>
        Configurations.Array[1, 6].Sample(
            configurations =>
            {
                var registry = new CertificateRegistry();
                var before = GatewayConfiguration.Empty;
                foreach (var configuration in configurations)
                {
                    AssertSame(CertificateStore.Of(configuration), registry.Change(Changes(before, configuration)));
                    before = configuration;
                }

                registry.Change(Changes(before, GatewayConfiguration.Empty));
                Assert.Empty(registry.Current.Certificates);
                Assert.Empty(registry.Current.Listeners);
                Assert.Empty(registry.Current.Diagnostics);
            },
            iter: 500);

    [Fact]
    public void A_renewed_certificate_changes_what_it_is_served_for_and_nothing_else()
    {
        var others = Enumerable.Range(0, 1000).Select(i => Piece($"other-{i}", TestCertificates.Origin, Contents[0])).ToArray();
        var old = Piece("renewed", TestCertificates.Origin, Contents[0]);
        var registry = new CertificateRegistry();
        var first = registry.Change([.. others.Append(old).Select(piece => (ConfigurationPiece.Nothing, piece))]);
        var second = registry.Change([(old, Piece("renewed", TestCertificates.Origin, Contents[1]))]);

        Assert.All(others, piece => Assert.Same(first.Choose(Listeners, piece.Id), second.Choose(Listeners, piece.Id)));
        Assert.NotSame(first.Choose(Listeners, "renewed"), second.Choose(Listeners, "renewed"));
        Assert.Equal("CN=two.test", second.Find("renewed")!.Subject);
    }

    [Fact]
    public void A_certificate_that_is_said_again_stays_the_one_that_is_loaded()
    {
        var before = Piece("kept", TestCertificates.Origin, Contents[0]);
        var registry = new CertificateRegistry();
        var first = registry.Change([(ConfigurationPiece.Nothing, before)]);
        var second = registry.Change([(before, Piece("kept", TestCertificates.Origin with { Line = 7 }, Contents[0]))]);

        Assert.NotSame(first, second);
        Assert.Same(first.Find("kept"), second.Find("kept"));
    }

    [Fact]
    public void Changes_of_something_else_leave_the_snapshot_alone()
    {
        var piece = Piece("a", TestCertificates.Origin, Contents[0]);
        var registry = new CertificateRegistry();
        var before = registry.Change([(ConfigurationPiece.Nothing, piece)]);

        Assert.Same(before, registry.Change([(piece, piece with { Backends = [] })]));
    }

    private static ConfigurationPiece Piece(string id, Origin origin, Certificate content) => new(id)
    {
        Certificates = [content with { Id = id }],
        TlsBindings = [new TlsBinding(Listeners[0], HostPattern.Exact(id), [id], origin)],
    };

    private static GatewayConfiguration Configuration((string[] Certificates, TlsBinding[] Bindings)[] pieces, int[] contents) =>
        TestCertificates.Configuration([.. pieces.Select((piece, number) => new ConfigurationPiece($"piece-{number}")
        {
            Certificates = piece.Certificates.Select(id => Contents[contents[Array.IndexOf(Ids, id)]] with { Id = id }).ToValueList(),
            TlsBindings = piece.Bindings.Select((binding, place) => binding with { Origin = TestCertificates.Origin with { Name = $"{number}-{place}" } }).ToValueList(),
        })]);

    private static List<(ConfigurationPiece Before, ConfigurationPiece After)> Changes(GatewayConfiguration before, GatewayConfiguration after) =>
        [.. before.Pieces.Keys.Union(after.Pieces.Keys).Select(id =>
            (before.Pieces.GetValueOrDefault(id, ConfigurationPiece.Nothing), after.Pieces.GetValueOrDefault(id, ConfigurationPiece.Nothing)))];

    private static void AssertSame(CertificateStore expected, CertificateStore actual)
    {
        Assert.Equal(expected.Diagnostics.AsEnumerable(), actual.Diagnostics.AsEnumerable());
        Assert.Equal(expected.Certificates.Keys.Order(), actual.Certificates.Keys.Order());
        foreach (var (name, listener) in Names.SelectMany(_ => Listeners, (name, listener) => (name, listener)))
        {
            var (wanted, got) = (expected.Choose([listener], name), actual.Choose([listener], name));
            Assert.Equal(wanted.Binding, got.Binding);
            Assert.Equal(wanted.Certificates.Select(certificate => certificate.Source), got.Certificates.Select(certificate => certificate.Source));
            Assert.Equal(wanted.Verifier?.Validation, got.Verifier?.Validation);
        }
    }
}
