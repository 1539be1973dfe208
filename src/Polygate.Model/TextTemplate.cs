namespace Polygate.Model;

/// <summary>What a part of a <see cref="TextTemplate"/> stands for.</summary>
public enum TextSource
{
    /// <summary>The text <see cref="TextPart.Name"/> itself.</summary>
    Literal,

    Method,

    /// <summary><c>http</c> or <c>https</c>, as the client (or the trusted proxy before it) used.</summary>
    Scheme,

    /// <summary>Host and port as the client sent them.</summary>
    Authority,

    /// <summary>The host, lower case, without a port.</summary>
    Host,

    /// <summary>The port of the listener.</summary>
    Port,

    /// <summary>The path without the query.</summary>
    Path,

    /// <summary>The query without its question mark.</summary>
    Query,

    /// <summary>The path, and the query after a question mark where there is one.</summary>
    PathAndQuery,

    /// <summary>Scheme, <c>://</c>, authority, path and query.</summary>
    Url,

    ClientAddress,

    /// <summary>The request's header <see cref="TextPart.Name"/>; several lines are joined with a comma.</summary>
    Header,

    /// <summary>The request's cookie <see cref="TextPart.Name"/>.</summary>
    Cookie,

    /// <summary>The first query parameter <see cref="TextPart.Name"/>, as received.</summary>
    QueryParameter,

    /// <summary>
    /// The path as the filters left it, percent-decoded and without dot segments, as the name of a file on the backend; where it ends with a slash,
    /// <see cref="TextPart.Name"/> follows (nginx's <c>$fastcgi_script_name</c>).
    /// </summary>
    Document,

    /// <summary>The status of the answer, where the template is used for one; otherwise nothing.</summary>
    Status,
}

/// <summary>
/// Text that is put together for each request. What the request does not have stands for nothing. Path, query and URL are
/// those that the client sent, before the filters of the route changed them; not so <see cref="TextSource.Document"/>.
/// </summary>
public sealed record TextTemplate(ValueList<TextPart> Parts)
{
    /// <summary>The same text for every request.</summary>
    public static TextTemplate Literal(string text) => new([TextPart.Literal(text)]);

    /// <summary>A single part.</summary>
    public static TextTemplate Of(TextSource source, string name = "") => new([new TextPart(source, name)]);

    /// <summary>As people read it: <c>/errors/{Status}</c>.</summary>
    public override string ToString() => string.Concat(Parts);
}

/// <summary>A part of a <see cref="TextTemplate"/>.</summary>
/// <param name="Source">What it stands for.</param>
/// <param name="Name">The literal text, or the name of the header, cookie or parameter.</param>
public sealed record TextPart(TextSource Source, string Name = "")
{
    /// <summary>Whether it is percent-encoded as a component: everything but unreserved characters (RFC 3986 section 2.3).</summary>
    public bool Escape { get; init; }

    public static TextPart Literal(string text) => new(TextSource.Literal, text);

    public override string ToString() =>
        Source == TextSource.Literal ? Name : $"{{{Source}{(Name.Length == 0 ? "" : " " + Name)}{(Escape ? ", escaped" : "")}}}";
}

/// <summary>A header field whose value is put together for each request.</summary>
public sealed record HeaderTemplate(string Name, TextTemplate Value);
