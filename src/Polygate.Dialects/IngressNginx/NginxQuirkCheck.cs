using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Tells of the quirks that an Ingress's annotations run into, with what to write instead.</summary>
internal static class NginxQuirkCheck
{
    public static void Run(NginxIngress ingress, AnnotationReader reader, IngressNginxOptions options)
    {
        if (reader.IsIngressIgnored)
        {
            return;
        }

        var paths = ingress.Rules.Rules.SelectMany(rule => rule.Paths).ToList();
        Tell(
            NginxQuirks.RewriteImpliesRegex, "rewrite-target",
            !ingress.Rewriting.UseRegex && paths.Any(path => ingress.Rewriting.Rewrites(path) && !path.IsImplementationSpecific));
        Tell(
            NginxQuirks.OpenRegex, ingress.Rewriting.UseRegex ? "use-regex" : "rewrite-target",
            paths.Any(path => ingress.Rewriting.WantsRegex(path) && IsOpen(path.Path)));
        Tell(
            NginxQuirks.UnverifiedUpstream, "backend-protocol",
            (ingress.Upstreams.UsesTls || ingress.Upstreams.FollowsClient) && !ingress.Upstreams.Tls.Verifies);
        Tell(NginxQuirks.RateLimit503, LimitName(reader), ingress.Limits.Clients.Any(filter => filter is RateLimitFilter { RejectStatus: 503 }));
        Tell(NginxQuirks.CorsCredentials, "enable-cors", ingress.Cors is { AllowCredentials: true } cors && cors.AllowOrigins.Contains("*"));

        Tell(
            NginxQuirks.SilentDefault, MalformedName(reader),
            reader.Problems.Any(problem => problem is { Code: "invalid-annotation", Severity: DiagnosticSeverity.Warning }));

        void Tell(NginxQuirk quirk, string annotation, bool applies)
        {
            if (applies && !options.IsStrict(quirk))
            {
                reader.Warn(quirk.Diagnostic, annotation, $"{quirk.Behaviour} {quirk.Clean}");
            }
        }
    }

    /// <summary>The redirect to TLS: who asks for it by annotation is warned; who merely has TLS gets a note.</summary>
    public static void TellOfTlsRedirect(NginxIngress ingress, TranslationContext context, IngressNginxOptions options)
    {
        if (ingress.Redirects.PreserveTrailingSlash || !ingress.Redirects.RedirectsToTls(ingress.HasTls) || options.IsStrict(NginxQuirks.TlsRedirectSlash))
        {
            return;
        }

        var message = $"{NginxQuirks.TlsRedirectSlash.Behaviour} {NginxQuirks.TlsRedirectSlash.Clean}";
        if (ingress.Redirects.ToTlsAlways)
        {
            context.Warning(NginxQuirks.TlsRedirectSlash.Diagnostic, message, OwnDiagnostics.Field("force-ssl-redirect"));
        }
        else
        {
            context.Info(NginxQuirks.TlsRedirectSlash.Diagnostic, message, "spec.tls");
        }
    }

    private static string MalformedName(AnnotationReader reader) =>
        reader.Problems.FirstOrDefault(problem => problem is { Code: "invalid-annotation", Severity: DiagnosticSeverity.Warning })?.Annotation[AnnotationReader.Prefix.Length..] ?? "";

    /// <summary>Whether more may follow what an expression says: one that ends with <c>$</c> or takes the rest says so itself.</summary>
    private static bool IsOpen(string path) =>
        !path.EndsWith('$') && !path.EndsWith(".*", StringComparison.Ordinal) && !path.EndsWith(".*)", StringComparison.Ordinal)
        && !path.EndsWith(".+", StringComparison.Ordinal) && !path.EndsWith(".+)", StringComparison.Ordinal) && path != "/";

    private static string LimitName(AnnotationReader reader) => reader.Text("limit-rps") is null ? "limit-rpm" : "limit-rps";
}
