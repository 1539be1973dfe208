using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Polygate.Admin;

/// <summary>
/// Writes metrics in the Prometheus text exposition format 0.0.4 into an answer as they are made: of a large cluster they are tens of megabytes, which nobody
/// else needs, at each scrape.
/// </summary>
/// <param name="output">The answer's body.</param>
/// <param name="prefix">What every name begins with.</param>
internal sealed class MetricsWriter(PipeWriter output, string prefix = "")
{
    /// <summary>What is sent at once.</summary>
    private const int Enough = 16 * 1024;

    /// <summary>Longer than any number.</summary>
    private const int LongestNumber = 32;

    private readonly ArrayBufferWriter<byte> waiting = new(Enough + (Enough / 4));

    /// <summary>Says what a metric is; its lines follow.</summary>
    /// <param name="name">Its name without the prefix.</param>
    /// <param name="type">For example <c>gauge</c>.</param>
    /// <param name="help">What it tells, in words.</param>
    public void Head(string name, string type, string help)
    {
        Text("# HELP ");
        Text(prefix);
        Text(name);
        Text(" ");
        Text(help);
        Text("\n# TYPE ");
        Text(prefix);
        Text(name);
        Text(" ");
        Text(type);
        Text("\n");
    }

    /// <summary>One value of a metric.</summary>
    /// <param name="name">The metric's name without the prefix.</param>
    /// <param name="value">The value.</param>
    /// <param name="labels">What tells it from others; empty for nothing.</param>
    /// <param name="more">Follows the labels, its comma included.</param>
    /// <param name="suffix">What the name ends with, as those of a histogram's lines do.</param>
    public void Line(string name, double value, string labels = "", string more = "", string suffix = "")
    {
        Text(prefix);
        Text(name);
        Text(suffix);
        if (labels.Length > 0)
        {
            Text("{");
            Text(labels);
            Text(more);
            Text("}");
        }

        Text(" ");
        value.TryFormat(waiting.GetSpan(LongestNumber), out var length, "R", CultureInfo.InvariantCulture);
        waiting.Advance(length);
        Text("\n");
    }

    /// <summary>A metric with one value.</summary>
    /// <inheritdoc cref="Head"/>
    /// <inheritdoc cref="Line"/>
    public void Single(string name, string type, string help, double value, string labels = "")
    {
        Head(name, type, help);
        Line(name, value, labels);
    }

    /// <summary>The cumulated buckets of a histogram, its sum and its count.</summary>
    /// <param name="name">Its name without the prefix.</param>
    /// <param name="labels">Whose it is.</param>
    /// <param name="buckets">How many values each bucket has.</param>
    /// <param name="bounds">Of each bucket its label (<see cref="Bounds"/>).</param>
    /// <param name="total">All values together.</param>
    public void Histogram(string name, string labels, ReadOnlySpan<long> buckets, string[] bounds, double total)
    {
        var count = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            Line(name, count, labels, bounds[i], "_bucket");
        }

        Line(name, total, labels, suffix: "_sum");
        Line(name, count, labels, suffix: "_count");
    }

    /// <summary>Sends what was written, once it is much.</summary>
    public ValueTask SendAsync() => waiting.WrittenCount < Enough ? ValueTask.CompletedTask : FinishAsync();

    /// <summary>Sends what was written.</summary>
    public async ValueTask FinishAsync()
    {
        await output.WriteAsync(waiting.WrittenMemory);
        waiting.ResetWrittenCount();
    }

    /// <summary>The bounds of a histogram's buckets as labels.</summary>
    /// <param name="bounds">Ascending; of all buckets but the last, which has none.</param>
    /// <param name="perUnit">How many of what was counted make one of the metric.</param>
    public static string[] Bounds(ReadOnlySpan<long> bounds, long perUnit)
    {
        var labels = new string[bounds.Length + 1];
        for (var i = 0; i < bounds.Length; i++)
        {
            labels[i] = string.Create(CultureInfo.InvariantCulture, $",le=\"{bounds[i] / (double)perUnit:R}\"");
        }

        labels[^1] = ",le=\"+Inf\"";
        return labels;
    }

    /// <summary>A label's value as it stands between quotes.</summary>
    public static string Escape(string label) =>
        label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Text(string text) => Encoding.UTF8.GetBytes(text, waiting);
}
