using System.Text;
using System.Text.RegularExpressions;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>Redirects every request.</summary>
internal sealed class RedirectStep : FilterStep
{
    private readonly RedirectBuilder? redirect;

    public RedirectStep(RedirectFilter filter, ICollection<string> problems) => redirect = RedirectBuilder.Create(filter.Redirect, problems);

    public override LocalReply? OnRequest(RequestHead head, FilterState state) => redirect!.Build(head, state.ListenerPort);
}

/// <summary>Redirects requests that came without TLS.</summary>
internal sealed class RedirectToTlsStep : FilterStep
{
    private readonly RedirectBuilder? redirect;

    public RedirectToTlsStep(RedirectToTlsFilter filter, ICollection<string> problems) =>
        redirect = RedirectBuilder.Create(filter.Redirect, problems);

    public override LocalReply? OnRequest(RequestHead head, FilterState state) =>
        head.IsTls ? null : redirect!.Build(head, state.ListenerPort);
}

/// <summary>Redirects by a regular expression over the whole URL.</summary>
internal sealed class RedirectRegexStep : FilterStep
{
    private readonly Regex? regex;
    private readonly Substitution substitution;
    private readonly bool permanent;

    public RedirectRegexStep(RedirectRegexFilter filter, ICollection<string> problems)
    {
        substitution = new Substitution(filter.Substitution);
        permanent = filter.Permanent;
        if (TextRegex.TryCreate(filter.Pattern, ignoreCase: false, out var compiled, out var problem))
        {
            regex = compiled.Regex;
        }
        else
        {
            problems.Add(problem);
        }
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        var url = UrlOf(head);
        try
        {
            if (!regex!.IsMatch(url) || regex.Replace(url, substitution.Expand) is not { } target || target == url)
            {
                return null;
            }

            return LocalReply.Of(StatusFor(head), "", new HeaderValue("Location", target));
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static string UrlOf(RequestHead head)
    {
        var url = new StringBuilder(head.IsTls ? "https://" : "http://")
            .Append(Encoding.UTF8.GetString(head.Authority))
            .Append(Encoding.UTF8.GetString(head.Path));
        return head.HasQuery ? url.Append('?').Append(Encoding.UTF8.GetString(head.Query)).ToString() : url.ToString();
    }

    // 307 and 308 keep method and body (RFC 9110 section 15.4); GET gets the statuses that every client knows.
    private int StatusFor(RequestHead head)
    {
        var isGet = head.Method.SequenceEqual("GET"u8);
        return permanent ? isGet ? 301 : 308 : isGet ? 302 : 307;
    }
}
