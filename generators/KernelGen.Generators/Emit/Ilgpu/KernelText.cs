using KernelGen.Generators.Plan.Gpu;

namespace KernelGen.Generators.Emit.Ilgpu;

/// <summary>The explicitly grouped kernels of a format: unpack, matvec with and without shuffles, matmul in tiles.</summary>
internal static class KernelText
{
    /// <summary>Most activation vectors of a matvec kernel.</summary>
    private const int MatVecBatch = 4;

    private const string Parameters = """
        ArrayView<U4> quads, ArrayView<U2> pairs, ArrayView<uint> words, ArrayView<uint> extra, ArrayView<float> floats, ArrayView<ushort> halves,
            ArrayView<byte> bytes, ArrayView<float> table, GpuShape shape
        """;

    public static IEnumerable<string> Write(GpuPlan plan)
    {
        yield return Unpack(plan);
        for (int batch = 1; batch <= MatVecBatch; batch++)
        {
            yield return MatVec(plan, batch, shuffles: true);
            yield return MatVec(plan, batch, shuffles: false);
        }
        yield return MatMul(plan);
    }

    /// <summary>The start of every kernel: a small table is copied to shared memory, which all threads of a group do together.</summary>
    private static string Start(GpuPlan plan)
    {
        if (plan.Kind != GpuLevelKind.Table)
        {
            return "var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, table);";
        }
        return $$"""
            ArrayView<float> levelTable = SharedMemory.Allocate<float>({{plan.Levels.Count}});
            for (int i = Group.IdxX; i < {{plan.Levels.Count}}; i += Group.DimX)
            {
                levelTable[i] = table[i];
            }
            Group.Barrier();
            var source = new GpuSource(quads, pairs, words, extra, floats, halves, bytes, levelTable);
            """;
    }

    /// <summary>Locals with the scales (and offsets) of a unit's runs.</summary>
    private static string Scales(GpuPlan plan)
    {
        if (!plan.HasScale)
        {
            return "";
        }
        IEnumerable<string> lines = Enumerable.Range(0, GpuPlan.Unit / plan.Run).SelectMany(run =>
        {
            string group = GpuScaleText.GroupOf(plan, run);
            string scale = $"float scale{run} = Scale(source, shape, row, {group});";
            return plan.HasOffset ? [scale, $"float offset{run} = Offset(source, shape, row, {group});"] : new[] { scale };
        });
        return string.Join("\n", lines);
    }

    /// <summary>Text of weight i: its level, scaled in the order of the reference.</summary>
    private static string Weight(GpuPlan plan, int i)
    {
        string level = DecodeText.Place(i);
        int run = i / plan.Run;
        return !plan.HasScale ? level : plan.HasOffset ? $"{level} * scale{run} + offset{run}" : $"{level} * scale{run}";
    }

    private static string Unpack(GpuPlan plan)
    {
        // zero is zero, whatever the scale is
        string Kept(int i) => plan.Mask == GpuMaskKind.None ? Weight(plan, i) : $"(mask {(i == 0 ? "" : $">> {i} ")}& 1u) != 0u ? {Weight(plan, i)} : 0f";
        string mask = plan.Mask == GpuMaskKind.None ? "" : "uint mask = source.Extra[(long)row * shape.Units + unit];";
        string stores = string.Join("\n", Enumerable.Range(0, GpuPlan.Unit).Select(i => $$"""
            if (column + {{i}} < shape.Columns)
            {
                weights[at + {{i}}] = {{Kept(i)}};
            }
            """));
        return $$"""
            /// <summary>Writes the weights; a thread takes a unit.</summary>
            public static void Unpack(
                {{Parameters}}, ArrayView<float> weights)
            {
                {{Text.Indent(Start(plan), 4)}}
                long id = (long)Grid.IdxX * Group.DimX + Group.IdxX;
                if (id < (long)shape.Rows * shape.Units)
                {
                    int row = (int)(id / shape.Units);
                    int unit = (int)(id - (long)row * shape.Units);
                    int column = unit * 32;
                    long at = (long)row * shape.Columns + column;
                    GpuLevels levels = Decode(source, shape, row, unit);
                    {{Text.Indent(Scales(plan), 8)}}
                    {{mask}}
                    {{Text.Indent(stores, 8)}}
                    {{Text.Indent(Outliers(plan, inside: "column + place < shape.Columns", "weights[at + place] = value;"), 8)}}
                }
            }
            """;
    }

    /// <summary>The outliers of the unit: each that lies in it is handed to a statement with its place and value.</summary>
    private static string Outliers(GpuPlan plan, string inside, string statement)
    {
        if (plan.Outliers is not { } outliers)
        {
            return "";
        }
        int units = plan.Block / GpuPlan.Unit;
        string value = GpuScaleText.Read(outliers.Outliers.Type, "").Replace("source.Halves[]", "entry & 65535u");
        return $$"""
            // outliers: place in the block in the upper half of a word, value in the lower
            long block = (long)row * shape.Blocks + unit / {{units}};
            for (int i = 0; i < {{outliers.Count}}; i++)
            {
                uint entry = source.Extra[block * {{outliers.Count}} + i];
                int place = (int)(entry >> 16) - unit % {{units}} * 32;
                if (place >= 0 && place < 32{{(inside.Length > 0 ? $" && {inside}" : "")}})
                {
                    float value = {{value}};
                    {{Text.Indent(statement, 8)}}
                }
            }
            """;
    }

    private static string MatVec(GpuPlan plan, int batch, bool shuffles)
    {
        string name = $"MatVec{batch}{(shuffles ? "Shuffle" : "Shared")}";
        string[] all = [.. Enumerable.Range(0, batch).Select(b => Text.Int(b))];
        string patch = Outliers(plan, "", string.Join("\n", all.Select(b => $"sum{b} += value * x.Cast<float>()[(at + {b} * (long)shape.XStride + (place >> 2) * 32) * 4 + (place & 3)];")));
        return $$"""
            /// <summary>{{(batch == 1 ? "One activation vector" : $"{batch} activation vectors")}}; a warp takes a row, a lane a unit, {{(shuffles ? "shuffles add the lanes" : "the lanes meet in shared memory")}}.</summary>
            public static void {{name}}(
                {{Parameters}}, ArrayView<F4> x, ArrayView<float> y)
            {
                {{Text.Indent(Start(plan), 4)}}
                int lane = Group.IdxX % 32;
                int row = Grid.IdxX * (Group.DimX / 32) + Group.IdxX / 32;
                {{Text.Indent(string.Join("\n", all.Select(b => $"float sum{b} = 0f;")), 4)}}
                if (row < shape.Rows)
                {
                    for (int unit = lane; unit < shape.Units; unit += 32)
                    {
                        GpuLevels levels = Decode(source, shape, row, unit);
                        {{Text.Indent(Scales(plan), 12)}}
                        long at = GpuShape.XIndex(unit);
                        {{Text.Indent(string.Join("\n", all.Select(b => Sum(plan, b))), 12)}}
                        {{Text.Indent(patch, 12)}}
                    }
                }
                {{Text.Indent(shuffles ? Shuffles(all) : Meeting(all), 4)}}
            }
            """;
    }

    /// <summary>Adds a unit times an activation vector, each run scaled once.</summary>
    private static string Sum(GpuPlan plan, string b)
    {
        string X(int quad) => $"x[at{(b == "0" ? "" : $" + {b} * (long)shape.XStride")}{(quad == 0 ? "" : $" + {quad * 32}")}]";
        if (!plan.ScalesRuns)
        {
            // groups cut quadruples: every weight is scaled
            IEnumerable<string> products = Enumerable.Range(0, GpuPlan.Unit / 4).Select(quad => $$"""
                F4 x{{b}}{{(char)('a' + quad)}} = {{X(quad)}};
                sum{{b}} += {{string.Join(" + ", Enumerable.Range(0, 4).Select(i => $"({Weight(plan, quad * 4 + i)}) * x{b}{(char)('a' + quad)}.{"XYZW"[i]}"))}};
                """);
            return string.Join("\n", products);
        }
        int perRun = plan.Run / 4;
        IEnumerable<string> runs = Enumerable.Range(0, GpuPlan.Unit / plan.Run).Select(run =>
        {
            int first = run * perRun;
            string dots = string.Join("\n    + ", Enumerable.Range(first, perRun).Select(quad => $"F4.Dot(levels.{(char)('A' + quad)}, {X(quad)})"));
            if (!plan.HasScale)
            {
                return $"sum{b} += {dots};";
            }
            string sum = $"sum{b} += scale{run} * ({dots});";
            string sums = string.Join(" + ", Enumerable.Range(first, perRun).Select(quad => $"F4.Sum({X(quad)})"));
            return plan.HasOffset ? $"{sum}\nsum{b} += offset{run} * ({sums});" : sum;
        });
        return string.Join("\n", runs);
    }

    private static string Shuffles(string[] all) => $$"""
        {{string.Join("\n", all.SelectMany(b => new[] { 16, 8, 4, 2, 1 }.Select(delta => $"sum{b} += Warp.ShuffleDown(sum{b}, {delta});")))}}
        if (lane == 0 && row < shape.Rows)
        {
            {{Text.Indent(string.Join("\n", all.Select(b => $"y[{(b == "0" ? "row" : $"{b} * (long)shape.Rows + row")}] = sum{b};")), 4)}}
        }
        """;

    private static string Meeting(string[] all)
    {
        string At(string b) => b == "0" ? "Group.IdxX" : $"{b} * 128 + Group.IdxX";
        return $$"""
            ArrayView<float> partial = SharedMemory.Allocate<float>({{all.Length * 128}});
            {{string.Join("\n", all.Select(b => $"partial[{At(b)}] = sum{b};"))}}
            Group.Barrier();
            for (int half = 16; half > 0; half >>= 1)
            {
                if (lane < half)
                {
                    {{Text.Indent(string.Join("\n", all.Select(b => $"partial[{At(b)}] += partial[{At(b)} + half];")), 8)}}
                }
                Group.Barrier();
            }
            if (lane == 0 && row < shape.Rows)
            {
                {{Text.Indent(string.Join("\n", all.Select(b => $"y[{(b == "0" ? "row" : $"{b} * (long)shape.Rows + row")}] = partial[{At(b)}];")), 4)}}
            }
            """;
    }

    private static string MatMul(GpuPlan plan)
    {
        const int perThread = 4;
        string[] all = [.. Enumerable.Range(0, perThread).Select(i => Text.Int(i))];
        string accumulators = string.Join("\n", all.Select(b => "float " + string.Join(", ", all.Select(r => $"sum{b}{r} = 0f")) + ";"));
        string tile = string.Join("\n", Enumerable.Range(0, GpuPlan.Unit).Select(i => $"weightTile[own + {i}] = {Weight(plan, i)};"));
        return $$"""
            /// <summary>
            /// Tiles of 64 rows by 32 activation vectors: half of the threads decode a unit each into shared memory, all bring
            /// activations, then each adds up 4 rows by 4 vectors. Rows of the tiles have a spare column, against bank conflicts.
            /// </summary>
            public static void MatMul(
                {{Parameters}}, ArrayView<F4> x, ArrayView<float> y)
            {
                {{Text.Indent(Start(plan), 4)}}
                ArrayView<float> weightTile = SharedMemory.Allocate<float>(64 * 33);
                ArrayView<float> xTile = SharedMemory.Allocate<float>(32 * 33);
                int firstRow = Grid.IdxX * 64;
                int firstVector = Grid.IdxY * 32;
                int rowInTile = Group.IdxX % 16;
                int vectorInTile = Group.IdxX / 16;
                {{Text.Indent(accumulators, 4)}}
                for (int unit = 0; unit < shape.Units; unit++)
                {
                    if (Group.IdxX < 64)
                    {
                        int own = Group.IdxX * 33;
                        int row = IntrinsicMath.Min(firstRow + Group.IdxX, shape.Rows - 1);
                        GpuLevels levels = Decode(source, shape, row, unit);
                        {{Text.Indent(Scales(plan), 12)}}
                        {{Text.Indent(tile, 12)}}
                        {{Text.Indent(Outliers(plan, "", "weightTile[own + place] = value;"), 12)}}
                    }
                    for (int quad = Group.IdxX; quad < 256; quad += 128)
                    {
                        int vector = IntrinsicMath.Min(firstVector + quad / 8, shape.Batch - 1);
                        F4 part = x[vector * (long)shape.XStride + GpuShape.XIndex(unit) + quad % 8 * 32];
                        int at = quad / 8 * 33 + quad % 8 * 4;
                        xTile[at] = part.X;
                        xTile[at + 1] = part.Y;
                        xTile[at + 2] = part.Z;
                        xTile[at + 3] = part.W;
                    }
                    Group.Barrier();
                    for (int k = 0; k < 32; k++)
                    {
                        {{Text.Indent(string.Join("\n", all.Select(r => $"float w{r} = weightTile[(rowInTile + {16 * int.Parse(r, System.Globalization.CultureInfo.InvariantCulture)}) * 33 + k];")), 12)}}
                        {{Text.Indent(string.Join("\n", all.Select(b => $"float x{b} = xTile[(vectorInTile + {8 * int.Parse(b, System.Globalization.CultureInfo.InvariantCulture)}) * 33 + k];")), 12)}}
                        {{Text.Indent(string.Join("\n", all.SelectMany(b => all.Select(r => $"sum{b}{r} += w{r} * x{b};"))), 12)}}
                    }
                    Group.Barrier();
                }
                {{Text.Indent(string.Join("\n", all.SelectMany(b => all.Select(r => $"Store(y, shape, firstRow + rowInTile + {16 * int.Parse(r, System.Globalization.CultureInfo.InvariantCulture)}, firstVector + vectorInTile + {8 * int.Parse(b, System.Globalization.CultureInfo.InvariantCulture)}, sum{b}{r});"))), 4)}}
            }

            /// <summary>Writes a result that is inside.</summary>
            private static void Store(ArrayView<float> y, GpuShape shape, int row, int vector, float sum)
            {
                if (row < shape.Rows && vector < shape.Batch)
                {
                    y[vector * (long)shape.Rows + row] = sum;
                }
            }
            """;
    }
}
