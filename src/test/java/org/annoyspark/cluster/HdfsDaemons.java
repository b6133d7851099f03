package org.annoyspark.cluster;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.annoyspark.storage.FreePort;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.DatanodeInfo;
import org.apache.hadoop.hdfs.protocol.HdfsConstants.DatanodeReportType;

/** HDFS: a NameNode and three DataNodes, JVMs of their own. Two copies are kept of a block. */
final class HdfsDaemons implements AutoCloseable {

  private static final int DATA_NODES = 3;
  private static final Duration MOST_START = Duration.ofSeconds(120);
  private static final String NAME_NODE = "org.apache.hadoop.hdfs.server.namenode.NameNode";
  private static final String DATA_NODE = "org.apache.hadoop.hdfs.server.datanode.DataNode";

  private final SparkHome home;
  private final Path directory;
  private final int port = FreePort.next();
  private final Map<String, String> daemonSettings;
  private final DataNode[] dataNodes = new DataNode[DATA_NODES];
  private ChildProcess nameNode;
  private int launched;

  private record DataNode(int port, ChildProcess process) {}

  private HdfsDaemons(SparkHome home, Path directory) throws IOException {
    this.home = home;
    this.directory = directory;
    this.daemonSettings = daemonSettings(uri(), directory.toAbsolutePath());
  }

  private static Map<String, String> daemonSettings(String uri, Path directory) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("fs.defaultFS", uri);
    settings.put("dfs.replication", "2");
    settings.put("dfs.namenode.name.dir", directory.resolve("name").toUri().toString());
    settings.put("dfs.namenode.http-address", "127.0.0.1:0");
    settings.put("dfs.datanode.http.address", "127.0.0.1:0");
    settings.put("dfs.datanode.ipc.address", "127.0.0.1:0");
    // A DataNode counts as dead after ten heartbeats and two rechecks: 12 s instead of 10 min.
    settings.put("dfs.heartbeat.interval", "1");
    settings.put("dfs.namenode.heartbeat.recheck-interval", "1000");
    settings.put("dfs.namenode.safemode.extension", "0");
    return settings;
  }

  /** Starts it, empty, and waits until all DataNodes are alive. */
  static HdfsDaemons start(SparkHome home, Path directory) throws Exception {
    ChildProcess.deleteTree(directory);
    HdfsDaemons daemons = new HdfsDaemons(home, directory);
    try {
      daemons.format();
      daemons.restore();
    } catch (Throwable e) {
      daemons.close();
      throw e;
    }
    return daemons;
  }

  /** The file system's URI, without a slash at the end. */
  String uri() {
    return "hdfs://127.0.0.1:" + port;
  }

  /** Settings of Hadoop that its clients need. */
  Map<String, String> settings() {
    return Map.of("dfs.replication", "2");
  }

  void killNameNode() {
    nameNode.kill();
  }

  /**
   * Kills a DataNode; its blocks' other copies stay.
   *
   * @param number from 0
   */
  void killDataNode(int number) {
    dataNodes[number].process.kill();
  }

  /** Kills one that has the first block of a file. */
  void killDataNodeWith(String file) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
    BlockLocation block =
        path.getFileSystem(new Configuration()).getFileBlockLocations(path, 0, 1)[0];
    int blockPort = Integer.parseInt(block.getNames()[0].replaceFirst(".*:", ""));
    for (DataNode dataNode : dataNodes) {
      if (dataNode.port == blockPort) {
        dataNode.process.kill();
        return;
      }
    }
    throw new IOException(file + ": none of the DataNodes has port " + blockPort);
  }

  /** Starts each daemon that has been killed, on its old directory, and waits until all live. */
  void restore() throws Exception {
    if (nameNode == null || !nameNode.isAlive()) {
      nameNode = launch("namenode", NAME_NODE, List.of());
    }
    for (int i = 0; i < DATA_NODES; i++) {
      if (dataNodes[i] == null || !dataNodes[i].process.isAlive()) {
        dataNodes[i] = launchDataNode(i);
      }
    }
    Await.until(DATA_NODES + " DataNodes alive at " + uri(), MOST_START, this::allAlive);
  }

  private DataNode launchDataNode(int number) throws IOException {
    int dataPort = FreePort.next();
    String data = directory.resolve("data-" + number).toAbsolutePath().toUri().toString();
    List<String> arguments =
        List.of(
            "-D",
            "dfs.datanode.data.dir=" + data,
            "-D",
            "dfs.datanode.address=127.0.0.1:" + dataPort);
    return new DataNode(dataPort, launch("datanode-" + number, DATA_NODE, arguments));
  }

  private boolean allAlive() throws IOException {
    nameNode.checkRuns();
    Set<Integer> started = new HashSet<>();
    for (DataNode dataNode : dataNodes) {
      dataNode.process.checkRuns();
      started.add(dataNode.port);
    }
    Configuration conf = new Configuration();
    conf.set("ipc.client.connect.max.retries", "0");
    try (DistributedFileSystem fs = new DistributedFileSystem()) {
      fs.initialize(URI.create(uri()), conf);
      // By port: one that was killed counts as alive for a while.
      Set<Integer> alive = new HashSet<>();
      for (DatanodeInfo dataNode : fs.getDataNodeStats(DatanodeReportType.LIVE)) {
        alive.add(dataNode.getXferPort());
      }
      return !fs.isInSafeMode() && alive.containsAll(started);
    } catch (IOException e) {
      return false;
    }
  }

  private void format() throws Exception {
    Files.createDirectories(directory);
    ChildProcess format =
        launch("format", NAME_NODE, List.of("-format", "-nonInteractive", "-force"));
    Await.until("HDFS formatted", MOST_START, () -> !format.isAlive());
    if (format.exitCode() != 0) {
      throw new IOException("HDFS could not be formatted: see " + format.log());
    }
  }

  private ChildProcess launch(String name, String mainClass, List<String> arguments)
      throws IOException {
    List<String> all = new ArrayList<>();
    daemonSettings.forEach((key, value) -> all.addAll(List.of("-D", key + "=" + value)));
    all.addAll(arguments);
    Path log = directory.resolve(++launched + "-" + name + ".log");
    return ChildProcess.start(home.daemon("256m", mainClass, all), log);
  }

  @Override
  public void close() {
    for (DataNode dataNode : dataNodes) {
      if (dataNode != null) {
        dataNode.process.close();
      }
    }
    if (nameNode != null) {
      nameNode.close();
    }
  }
}
