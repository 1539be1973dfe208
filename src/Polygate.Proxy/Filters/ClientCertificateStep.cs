using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Transport.Tls;

namespace Polygate.Proxy.Filters;

/// <summary>Demands a client's certificate, and tells the backend of it. What clients write into the headers it fills is never believed.</summary>
internal sealed class ClientCertificateStep : FilterStep
{
    private readonly ClientCertificateFilter filter;
    private readonly byte[]? resultHeader;
    private readonly byte[]? subjectHeader;
    private readonly byte[]? issuerHeader;
    private readonly byte[]? certificateHeader;
    private readonly LocalReply refusal;
    private readonly LocalReply misdirected = LocalReply.Of(421);
    private readonly TextRegex? subject;
    private readonly LocalReply otherSubject;

    public ClientCertificateStep(ClientCertificateFilter filter, ICollection<string> problems)
    {
        if (filter.SubjectPattern is { } pattern && !TextRegex.TryCreate(pattern, ignoreCase: false, out subject, out var problem))
        {
            problems.Add(problem);
        }

        otherSubject = LocalReply.Of(filter.SubjectRejectStatus);
        this.filter = filter;
        resultHeader = Name(filter.ResultHeader);
        subjectHeader = Name(filter.SubjectHeader);
        issuerHeader = Name(filter.IssuerHeader);
        certificateHeader = Name(filter.CertificateHeader);
        refusal = filter.ErrorPage is { } page
            ? LocalReply.Of(302, "", new HeaderValue("Location", page))
            : LocalReply.Of(filter.RejectStatus);
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        Remove(head.Headers, resultHeader);
        Remove(head.Headers, subjectHeader);
        Remove(head.Headers, issuerHeader);
        Remove(head.Headers, certificateHeader);

        var identity = head.Client.Certificate;
        if (head.Client.IsTls && identity?.Validation != filter.Validation)
        {
            // The handshake was for another name: a new connection for this one will be asked properly.
            return misdirected;
        }

        if ((filter.Require && identity?.Certificate is null) || (filter.Verify && identity?.Failure is not null) || identity is { IsRevoked: true })
        {
            return refusal;
        }

        var texts = identity?.Texts ?? ClientIdentityTexts.None;
        if (subject is not null && !subject.Finds(texts.Subject))
        {
            return otherSubject;
        }

        Tell(head.Headers, texts);
        return null;
    }

    private static byte[]? Name(string? name) => name is null ? null : HeaderText.Name(name);

    private static void Remove(HeaderTable headers, byte[]? name)
    {
        if (name is not null)
        {
            headers.Remove(name);
        }
    }

    private static void Set(HeaderTable headers, byte[]? name, byte[] value)
    {
        if (name is not null && value.Length > 0)
        {
            headers.Set(name, value);
        }
    }

    private void Tell(HeaderTable headers, ClientIdentityTexts texts)
    {
        Set(headers, resultHeader, texts.Result);
        Set(headers, subjectHeader, texts.Subject);
        Set(headers, issuerHeader, texts.Issuer);
        Set(headers, certificateHeader, filter.CertificateEncoding == CertificateEncoding.Base64 ? texts.Base64 : texts.EscapedPem);
    }
}
