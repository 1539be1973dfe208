using System.Text;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Sources;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>YAML documents with comments above them.</summary>
internal sealed class ManifestText
{
    private readonly StringBuilder text;
    private bool isFirst = true;

    public ManifestText(string head) => text = new StringBuilder(head);

    /// <summary>What the comments say.</summary>
    public List<NotExpressed> NotExpressed { get; } = [];

    public void Comment(string line) => text.Append("# ").Append(line.ReplaceLineEndings(" ")).Append('\n');

    /// <summary>Comments on what is not expressed, each thing once.</summary>
    public void Say(IEnumerable<NotExpressed> missing)
    {
        foreach (var what in missing.DistinctBy(what => what.What))
        {
            NotExpressed.Add(what);
            Comment((what.Withholds ? "without backends (500), for want of words for: " : "not expressed: ") + what.What);
        }
    }

    public void Add(JsonObject document, string comment = "", IEnumerable<NotExpressed>? missing = null)
    {
        text.Append(isFirst ? "" : "---\n");
        isFirst = false;
        if (comment.Length > 0)
        {
            Comment(comment);
        }

        Say(missing ?? []);
        text.Append(YamlText.Write(document));
    }

    public override string ToString() => text.ToString();
}
