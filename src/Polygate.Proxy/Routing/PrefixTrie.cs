namespace Polygate.Proxy.Routing;

/// <summary>
/// Finds all keys that are a plain prefix of a text, longest first, in time bounded by the text. A compressed trie in
/// flat arrays: the children of a node lie side by side, their first bytes in an array of their own.
/// </summary>
internal sealed class PrefixTrie<T>
    where T : class
{
    private readonly byte[] labels;
    private readonly byte[] firsts;
    private readonly Node[] nodes;

    private PrefixTrie(byte[] labels, byte[] firsts, Node[] nodes)
    {
        this.labels = labels;
        this.firsts = firsts;
        this.nodes = nodes;
    }

    /// <summary>A trie of these keys, each once; null for none.</summary>
    public static PrefixTrie<T>? Build(IReadOnlyCollection<KeyValuePair<byte[], T>> entries) =>
        entries.Count == 0 ? null : new Builder(entries).Build();

    /// <summary>The node of the longest prefix on the path of the text; always there (the root).</summary>
    public int Deepest(ReadOnlySpan<byte> text)
    {
        var node = 0;
        while (text.Length > 0)
        {
            ref var parent = ref nodes[node];
            var child = firsts.AsSpan(parent.ChildStart, parent.ChildCount).IndexOf(text[0]);
            if (child < 0)
            {
                break;
            }

            var next = parent.ChildStart + child;
            var label = labels.AsSpan(nodes[next].LabelStart, nodes[next].LabelLength);
            if (!text.StartsWith(label))
            {
                break;
            }

            text = text[label.Length..];
            node = next;
        }

        return node;
    }

    /// <summary>The value of a node and the node before it; -1 after the root.</summary>
    public T? Value(int node, out int shorter)
    {
        shorter = nodes[node].Parent;
        return nodes[node].Value;
    }

    private struct Node
    {
        public int LabelStart;
        public int LabelLength;
        public int ChildStart;
        public int ChildCount;
        public int Parent;
        public T? Value;
    }

    private sealed class Builder
    {
        private readonly KeyValuePair<byte[], T>[] entries;
        private readonly List<Node> nodes = [];
        private readonly List<byte> firsts = [];
        private readonly List<byte> labels = [];
        private readonly Queue<(int Node, int From, int To, int Depth)> open = new();

        public Builder(IEnumerable<KeyValuePair<byte[], T>> entries)
        {
            this.entries = [.. entries];
            Array.Sort(this.entries, (x, y) => x.Key.AsSpan().SequenceCompareTo(y.Key));
        }

        public PrefixTrie<T> Build()
        {
            Add(parent: -1, from: 0, to: entries.Length, depth: 0, labelLength: 0);
            while (open.TryDequeue(out var next))
            {
                AddChildren(next.Node, next.From, next.To, next.Depth);
            }

            return new PrefixTrie<T>([.. labels], [.. firsts], [.. nodes]);
        }

        // Breadth first, so that siblings are neighbours.
        private void AddChildren(int node, int from, int to, int depth)
        {
            var start = nodes.Count;
            while (from < to)
            {
                var first = entries[from].Key[depth];
                var end = from + 1;
                while (end < to && entries[end].Key[depth] == first)
                {
                    end++;
                }

                // Sorted, so what first and last share is shared by all between.
                var common = entries[from].Key.AsSpan(depth).CommonPrefixLength(entries[end - 1].Key.AsSpan(depth));
                Add(node, from, end, depth, common);
                from = end;
            }

            nodes[node] = nodes[node] with { ChildStart = start, ChildCount = nodes.Count - start };
        }

        private void Add(int parent, int from, int to, int depth, int labelLength)
        {
            var label = entries[from].Key.AsSpan(depth, labelLength);
            var node = new Node { LabelStart = labels.Count, LabelLength = labelLength, Parent = parent };
            labels.AddRange(label);
            firsts.Add(labelLength > 0 ? label[0] : (byte)0);
            depth += labelLength;
            if (entries[from].Key.Length == depth)
            {
                node.Value = entries[from].Value;
                from++;
            }

            open.Enqueue((nodes.Count, from, to, depth));
            nodes.Add(node);
        }
    }
}
