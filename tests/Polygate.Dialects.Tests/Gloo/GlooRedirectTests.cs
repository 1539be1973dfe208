using Polygate.Dialects.Gloo;
using Polygate.Dialects.Tests.Golden;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Gloo;

public sealed class GlooRedirectTests
{
    /// <param name="redirect">The action.</param>
    /// <param name="port">The port of the target; 0 for none, -1 for what the engine makes of it.</param>
    [Theory]
    [InlineData("{hostRedirect: b.example}", 0)]
    [InlineData("{hostRedirect: b.example, portRedirect: 8443}", 8443)]
    [InlineData("{pathRedirect: /x}", -1)]
    [InlineData("{httpsRedirect: true}", -1)]
    public void A_new_host_takes_the_place_of_host_and_port(string redirect, int port) => Assert.Equal(port, Redirect(redirect).Port ?? -1);

    [Theory]
    [InlineData("{}", 301)]
    [InlineData("{responseCode: FOUND}", 302)]
    [InlineData("{responseCode: 2}", 303)]
    [InlineData("{responseCode: TEMPORARY_REDIRECT}", 307)]
    [InlineData("{responseCode: PERMANENT_REDIRECT}", 308)]
    public void The_code_is_a_name_or_a_number(string redirect, int status) => Assert.Equal(status, Redirect(redirect).Status);

    private static RedirectAction Redirect(string redirect)
    {
        var (translator, _) = GoldenFile.Translate(
            $"apiVersion: gateway.solo.io/v1\nkind: VirtualService\nmetadata: {{name: vs}}\nspec: {{virtualHost: {{routes: [{{redirectAction: {redirect}}}]}}}}\n",
            new GlooDialect());
        return Assert.IsType<RedirectAction>(Assert.Single(translator.Configuration.Routes).Action);
    }
}
