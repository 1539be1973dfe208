using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Traefik.Resources;

namespace Polygate.Dialects.Tests.Traefik;

public sealed class TraefikSchemaTests
{
    [Fact]
    public void Every_field_of_the_CRDs_has_a_property()
    {
        var missing = CrdFields.Missing("traefik", TraefikTypes.All);
        Assert.SkipWhen(missing is null, "The vendor's CRDs are not there.");
        Assert.Empty(missing!);
    }
}
