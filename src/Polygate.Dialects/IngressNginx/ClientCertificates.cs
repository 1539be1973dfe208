using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// auth-tls-…: what a host demands of clients' certificates. As in nginx every handshake succeeds; a request without the
/// certificate that it takes is answered 400, one whose subject does not fit 403.
/// </summary>
/// <param name="Secret">A Secret of the Ingress's namespace with the authorities in <c>ca.crt</c>, and possibly lists of what they revoked in <c>ca.crl</c>.</param>
/// <param name="Require">Whether a certificate must be presented.</param>
/// <param name="Verify">Whether one that is presented must be vouched for.</param>
/// <param name="Depth">How many authorities may stand between.</param>
/// <param name="ErrorPage">Where refused clients are redirected; null for nowhere.</param>
/// <param name="SubjectPattern">What the subject must contain; null for anything.</param>
/// <param name="PassesCertificate">Whether the backend gets the certificate itself.</param>
internal sealed record ClientCertificates(
    string Secret, bool Require, bool Verify, int Depth, string? ErrorPage, string? SubjectPattern, bool PassesCertificate)
{
    /// <summary>Null where nothing is demanded.</summary>
    public static ClientCertificates? Parse(AnnotationReader reader)
    {
        if (reader.Text("auth-tls-secret") is not { } written)
        {
            return null;
        }

        var mode = reader.Choice("auth-tls-verify-client", "on", "off", "optional", "optional_no_ca") ?? "on";
        var certificates = new ClientCertificates(
            reader.OwnName(written) ?? "",
            mode == "on",
            mode != "optional_no_ca",
            reader.Number("auth-tls-verify-depth") is > 0 and var depth ? depth : 1,
            ParseErrorPage(reader),
            ParseSubject(reader),
            reader.Boolean("auth-tls-pass-certificate-to-upstream"));
        if (certificates.Secret.Length == 0)
        {
            reader.DenyLocation("auth-tls-secret", $"\"{written}\" does not name an object in the namespace of the Ingress.");
        }

        return mode == "off" ? null : certificates;
    }

    /// <summary>What the handshake asks for and what requests must have; null with the reason when the Secret cannot be used.</summary>
    /// <param name="context">Where the Secret is found.</param>
    /// <param name="owner">The Ingress that names it.</param>
    public (ClientValidation Validation, ClientCertificateFilter Filter)? Resolve(TranslationContext context, Resource owner)
    {
        var problem =
            context.Get<V1Secret>(owner.Namespace, Secret) is not { } secret ? $"The Secret {owner.Namespace}/{Secret} does not exist."
            : TlsSecrets.Text(secret, "ca.crt") is null ? $"The Secret {secret.FullName} has no ca.crt."
            : null;
        if (problem is not null)
        {
            context.OwnError(owner, "unusable-client-authority", "auth-tls-secret", problem + " The host answers 403.");
            return null;
        }

        var authorities = context.Get<V1Secret>(owner.Namespace, Secret)!;
        var id = $"{owner.Namespace}/{Secret}#{Depth}";
        var validation = new ClientValidation(id)
        {
            TrustedCertificatesPem = TlsSecrets.Text(authorities, "ca.crt")!,
            RevocationListsPem = TlsSecrets.Text(authorities, "ca.crl") ?? "",
            Mode = ClientCertificateMode.Request,
            VerifyDepth = Depth,
        };
        return (validation, new ClientCertificateFilter(id)
        {
            Require = Require,
            Verify = Verify,
            RejectStatus = 400,
            ErrorPage = ErrorPage,
            SubjectPattern = SubjectPattern,
            ResultHeader = "ssl-client-verify",
            SubjectHeader = "ssl-client-subject-dn",
            IssuerHeader = "ssl-client-issuer-dn",
            CertificateHeader = PassesCertificate ? "ssl-client-cert" : null,
        });
    }

    private static string? ParseErrorPage(AnnotationReader reader)
    {
        var page = reader.Text("auth-tls-error-page");
        if (page is null)
        {
            return null;
        }

        if (page[0] == '@' || !AuthService.IsSignIn(page) || page.Contains('$'))
        {
            reader.IgnoreIngress("auth-tls-error-page", $"\"{page}\" is not an address that clients can be sent to.");
            return null;
        }

        return page;
    }

    /// <summary><c>CN=</c> and a regular expression, searched in the whole subject.</summary>
    private static string? ParseSubject(AnnotationReader reader)
    {
        var pattern = reader.Text("auth-tls-match-cn");
        if (pattern is null)
        {
            return null;
        }

        if (!pattern.StartsWith("CN=", StringComparison.Ordinal) || LocationRegex.Check(pattern).Problem is not null)
        {
            reader.IgnoreIngress("auth-tls-match-cn", $"\"{pattern}\" is not CN= and a regular expression.");
        }

        return pattern;
    }
}
