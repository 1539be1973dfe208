using Polygate.Dialects.Ingress;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Ingress;

public sealed class IngressGoldenTests
{
    public static TheoryData<string> Folders => GoldenFile.Folders("Ingress/golden");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Translates_as_the_golden_file_says(string folder) => GoldenFile.Verify(folder, new IngressDialect());
}
