using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Traefik;

namespace Polygate.Dialects.Tests.Traefik;

public sealed class TraefikGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("Traefik/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Translates_as_reviewed(string folder) => GoldenFile.Verify(
        folder, new TraefikDialect(new TraefikOptions { EntryPoints = [.. new TraefikOptions().EntryPoints, new EntryPoint("dns", 53) { IsUdp = true }] }));
}
