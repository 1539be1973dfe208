using Polygate.Dialects.Kong.Resources;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Kong;

public sealed class KongSchemaTests
{
    [Fact]
    public void Every_field_of_the_CRDs_has_a_property()
    {
        var missing = CrdFields.Missing("kong", KongTypes.All);
        Assert.SkipWhen(missing is null, "The vendor's CRDs are not there.");
        Assert.Empty(missing!);
    }
}
